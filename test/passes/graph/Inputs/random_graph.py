#!/usr/bin/env python3
"""Writes a random graph of nn and cache ops and the parameters that it reads, the same for the same seed.

  random_graph.py SEED FOLDER [--rounded]     makes FOLDER/graph.mlir, graph.bin and graph.inputs (options for tenon-interp)

Ops take any values that fit them, so values have many users, groups of ops cross, and every reason to decline a fusion
comes up. With --rounded some linears have quantised weights and round their input.
"""

import random
import struct
import sys

UNARY = ["neg", "silu", "gelu", "relu", "relu2", "tanh", "sigmoid", "abs"]
BINARY = ["add", "sub", "mul", "max", "min"]
WIDTHS = [32, 64, 96]
HEADS = {32: [(2, 16), (1, 32)], 64: [(2, 32), (4, 16)], 96: [(3, 32), (6, 16)]}


def tensor(shape, element="f32"):
    return f"tensor<{'x'.join(map(str, shape))}x{element}>"


class Graph:
    def __init__(self, seed, rounded):
        self.random = random.Random(seed)
        self.rounded = rounded
        self.params, self.slots, self.body = [], [], []
        self.data = bytearray()
        self.values = {"%x": ("?", 64), "%z": ("?", 32)}  # name -> shape
        self.tables = {}
        self.count = 0

    def name(self):
        self.count += 1
        return f"%v{self.count}"

    def emit(self, shape, text):
        """Adds an op with one result."""
        name = self.name()
        self.body.append(f"  {name} = {text}")
        self.values[name] = shape
        return name

    def param(self, shape, quantized=False):
        """A parameter of small random numbers, and the op that gets it; returns its value and type."""
        count = 1
        for size in shape:
            count *= size
        kind = self.random.choice(["!nn.q8_0", "!nn.q4_1"]) if quantized else "f32"
        symbol, offset = f"@p{len(self.params)}", len(self.data)
        if kind == "f32":
            scale = 1.0 if len(shape) == 1 else 1.5 / shape[-1] ** 0.5
            for _ in range(count):
                self.data += struct.pack("<f", self.random.uniform(-scale, scale))
        for _ in range(count // 32 if quantized else 0):
            self.data += struct.pack("<e", 0.01) + (struct.pack("<e", -0.08) if kind == "!nn.q4_1" else b"")
            self.data += self.random.randbytes(16 if kind == "!nn.q4_1" else 32)
        kind = tensor(shape, kind)
        self.params.append(f'nn.param {symbol} : {kind} from "graph.bin" at {offset}')
        name = self.name()
        self.body.append(f"  {name} = nn.get_param {symbol} : {kind}")
        return name, kind

    def pick(self, test):
        """A value whose shape passes the test, late ones rather than early ones; None if there is none."""
        fitting = [name for name, shape in self.values.items() if test(shape)]
        return self.random.choice(fitting[-6:]) if fitting else None

    # Each step returns False if no value fits it.
    def linear(self):
        x = self.pick(lambda shape: len(shape) == 2)
        shape = self.values[x]
        for _ in range(self.random.choice([1, 1, 2, 3])):  # siblings of one input
            quantized = self.rounded and self.random.random() < 0.7
            width = self.random.choice(WIDTHS)
            weight, kind = self.param((width, shape[1]), quantized)
            activation = " {activation = #nn.activation<%s>}" % self.random.choice(["q8", "q16", "f32"]) if quantized else ""
            out = (shape[0], width)
            self.emit(out, f"nn.linear {x}, {weight}{activation} : {tensor(shape)}, {kind} -> {tensor(out)}")

    def unary(self):
        x = self.pick(lambda shape: True)
        self.emit(self.values[x], f"nn.{self.random.choice(UNARY)} {x} : {tensor(self.values[x])}")

    def binary(self):
        a = self.pick(lambda shape: True)
        shape = self.values[a]
        b = self.pick(lambda other: other == shape)
        self.emit(shape, f"nn.{self.random.choice(BINARY)} {a}, {b} : {tensor(shape)}, {tensor(shape)}")

    def scale(self):
        x = self.pick(lambda shape: True)
        shape = self.values[x]
        weight, kind = self.param((shape[-1],))
        self.emit(shape, f"nn.{self.random.choice(['add', 'mul'])} {x}, {weight} : {tensor(shape)}, {kind}")

    def norm(self):
        x = self.pick(lambda shape: True)
        shape = self.values[x]
        weight, kind = self.param((shape[-1],))
        self.emit(shape, f"nn.rms_norm {x}, {weight} eps = 1.0e-3 : {tensor(shape)}, {kind}")

    def softmax(self):
        x = self.pick(lambda shape: True)
        self.emit(self.values[x], f"nn.softmax {x} : {tensor(self.values[x])}")

    def split(self):
        x = self.pick(lambda shape: len(shape) == 2)
        shape = self.values[x]
        out = (shape[0], *self.random.choice(HEADS[shape[1]]))
        self.emit(out, f"nn.reshape {x} : {tensor(shape)} to {tensor(out)}")

    def merge(self):
        x = self.pick(lambda shape: len(shape) == 3)
        if x is None:
            return
        shape = self.values[x]
        out = (shape[0], shape[1] * shape[2])
        self.emit(out, f"nn.reshape {x} : {tensor(shape)} to {tensor(out)}")

    def last_row(self):
        x = self.pick(lambda shape: shape[0] == "?")
        shape = self.values[x]
        out = (1, *shape[1:])
        self.emit(out, f"nn.slice {x} dim = 0 start = -1 size = 1 : {tensor(shape)} -> {tensor(out)}")

    def rope(self):
        x = self.pick(lambda shape: len(shape) == 3 and shape[0] == "?")
        if x is None:
            return
        shape = self.values[x]
        dim = shape[2]
        if dim not in self.tables:
            frequencies = ", ".join(f"{1.0 / 10 ** (i / dim):.6f}" for i in range(dim // 2))
            constant, table, out = self.name(), f"%table{dim}", ("?", dim)
            self.body.append(f"  {constant} = nn.constant dense<[{frequencies}]> : {tensor((dim // 2,))}")
            self.body.append(f"  {table} = nn.rope_table %tokens, %start, {constant} : "
                             f"tensor<?xi32>, index, {tensor((dim // 2,))} -> {tensor(out)}")
            self.tables[dim] = table
        pairing = self.random.choice(["interleaved", "half"])
        self.emit(shape, f"nn.rope {x}, {self.tables[dim]} {{pairing = #nn.pairing<{pairing}>}} : {tensor(shape)}, {tensor(('?', dim))}")

    def attention(self):
        q = self.pick(lambda shape: len(shape) == 3 and shape[0] == "?")
        if q is None:
            return
        shape = self.values[q]
        k, v = (self.pick(lambda other: other == shape) for _ in range(2))
        if self.random.random() < 0.7:
            slot = f"@kv{len(self.slots)}"
            kind = f"!cache.kv<heads = {shape[1]}, dim = {shape[2]}, f32>"
            self.slots.append(f"cache.declare {slot} : {kind}")
            c, keys, values = self.name(), self.name(), self.name()
            self.body.append(f"  {c} = cache.get {slot} : {kind}")
            self.body.append(f"  cache.append {c}, {k}, {v} : {kind}, {tensor(shape)}, {tensor(shape)}")
            self.body.append(f"  {keys}, {values} = cache.view {c} : {kind} -> {tensor(shape)}, {tensor(shape)}")
            k, v = keys, values
        types = ", ".join([tensor(shape)] * 3)
        self.emit(shape, f"nn.attention {q}, {k}, {v} {{scale = 0.2 : f32, causal}} : {types} -> {tensor(shape)}")

    def text(self):
        steps = [self.linear] * 5 + [self.unary] * 3 + [self.binary] * 4 + [self.split] * 3 + [self.merge] * 2 + [
            self.scale, self.norm, self.norm, self.softmax, self.last_row, self.rope, self.rope, self.attention, self.attention]
        for _ in range(self.random.randint(4, 24)):
            self.random.choice(steps)()
        made = [name for name in self.values if name.startswith("%v")]
        results = sorted(set(made[-1:] + self.random.sample(made, min(2, len(made)))))
        types = ", ".join(tensor(self.values[name]) for name in results)
        # The position is a slot's length; a slot of its own serves when the graph has none.
        if not self.slots:
            self.slots.append("cache.declare @kv0 : !cache.kv<heads = 2, dim = 16, f32>")
            kind, cast = "!cache.kv<heads = 2, dim = 16, f32>", tensor(("?", 2, 16))
            self.body += [f"  %own = cache.get @kv0 : {kind}", f"  %zs = nn.reshape %z : tensor<?x32xf32> to {cast}",
                          f"  cache.append %own, %zs, %zs : {kind}, {cast}, {cast}"]
        kind = self.slots[0].split(" : ")[1]
        head = [f"  %position = cache.get @kv0 : {kind}", f"  %start = cache.length %position : {kind} -> index"]
        inputs = "%tokens: tensor<?xi32>, %x: tensor<?x64xf32>, %z: tensor<?x32xf32>"
        return "\n".join(["module attributes {tenon.name = \"random\", tenon.context = 128 : i64} {", *self.params, *self.slots,
                          f"func.func @main({inputs}) -> ({types}) attributes {{tenon.entry}} {{", *head, *self.body,
                          f"  return {', '.join(results)} : {types}", "}", "}", ""])


def main():
    graph = Graph(int(sys.argv[1]), "--rounded" in sys.argv)
    text = graph.text()
    with open(f"{sys.argv[2]}/graph.mlir", "w", encoding="utf-8") as file:
        file.write(text)
    with open(f"{sys.argv[2]}/graph.bin", "wb") as file:
        file.write(graph.data or b"\0")
    rows = graph.random.choice([1, 2, 5])
    columns = {"0": ["i32", 1], "1": ["f32", 64], "2": ["f32", 32]}
    with open(f"{sys.argv[2]}/graph.inputs", "w", encoding="utf-8") as file:
        for number, (element, width) in columns.items():
            shape = f"{rows}x{width}" if width > 1 else f"{rows}"
            numbers = ",".join(f"{graph.random.uniform(-1, 1):.4f}" if width > 1 else "1" for _ in range(rows * width))
            file.write(f"--input={number}={shape}x{element}={numbers}\n")


if __name__ == "__main__":
    main()
