"""make_block.py STEM KEY=VALUE...: writes STEM.mlir, a small model whose blocks make the choices given, and its random weights, STEM.bin.

The graph is what a frontend emits for such a block. Options and what they are without one stand in DEFAULTS.
"""

import math
import random
import struct
import sys

DEFAULTS = dict(
    # Sizes; 0 stands for none, or for the size of keys.
    hidden=64, heads=4, kv_heads=2, head_dim=16, value_dim=0, rope_dims=-1, ffn=96, layers=2, vocabulary=80, positions=0, max_context=256,
    # What a block does.
    norm="rms", norm_parameters="weight", norm_placement="before", attention_norm=1, post_norms=0, residual="sequential",
    feed_forward="gated", function="silu", biases=0, pairing="interleaved", qk_norm="none", qk_norm_kind="rms",
    qk_norm_order="before_rope", window=0, alternate=0, chunk=0, soft_cap=0, alibi=0, sinks=0, qkv_clip=0, causal=1, cache=1, slot="f32",
    # Latent attention, if kv_rank is not 0: a head's query has `nope` elements beside the turned ones; key_b is [heads, rank, nope] or, as
    # rows of a matrix that expands keys, [heads, nope, rank].
    kv_rank=0, nope=16, key_rows=0,
    # What stands around the blocks.
    embedding_scale=0, residual_scale=0, logit_scale=0, logit_soft_cap=0, pooling="none", tied=1,
    # Weights.
    format="f32", mixed="", activation="f32", embedding_format="f32", seed=1)


class Writer:
    def __init__(self, stem, options):
        self.o = options
        self.stem = stem
        self.random = random.Random(options["seed"])
        self.data = bytearray()
        self.parameters = {}  # name -> type text
        self.lines = []
        self.number = 0

    def value(self):
        self.number += 1
        return f"%v{self.number}"

    # Parameters ----------------------------------------------------------------

    def floats(self, count, spread, centre=0.0):
        return [centre + spread * (2 * self.random.random() - 1) for _ in range(count)]

    def encode(self, rows, columns, fmt, spread, centre):
        out = bytearray()
        if fmt == "f32":
            for _ in range(rows):
                out += struct.pack(f"<{columns}f", *self.floats(columns, spread, centre))
            return bytes(out)
        if fmt == "f16":
            return struct.pack(f"<{rows * columns}e", *self.floats(rows * columns, spread, centre))
        if fmt == "bf16":
            for x in self.floats(rows * columns, spread, centre):
                out += struct.pack("<f", x)[2:]
            return bytes(out)
        blocks = rows * columns // 32
        for _ in range(blocks):
            if fmt == "q8_0":
                out += struct.pack("<e", spread / 127) + self.random.randbytes(32)
            elif fmt == "q4_0":
                out += struct.pack("<e", spread / 8) + self.random.randbytes(16)
            elif fmt == "q4_1":
                out += struct.pack("<ee", spread / 8, -spread) + self.random.randbytes(16)
            else:
                raise SystemExit(f"no format {fmt}")
        return bytes(out)

    def parameter(self, name, shape, fmt="f32", spread=None, centre=0.0):
        rows = 1
        for size in shape[:-1]:
            rows *= size
        columns = shape[-1]
        if spread is None:
            spread = 1.7 / math.sqrt(columns)
        while len(self.data) % 32:
            self.data.append(0)
        offset = len(self.data)
        self.data += self.encode(rows, columns, fmt, spread, centre)
        element = fmt if fmt in ("f32", "f16", "bf16") else f"!nn.{fmt}"
        text = f"tensor<{'x'.join(map(str, shape))}x{element}>"
        self.parameters[name] = (text, offset)
        return text

    # Ops -----------------------------------------------------------------------

    def rows(self, *shape):
        return "tensor<" + "x".join(["?"] + [str(s) for s in shape]) + "xf32>"

    def op(self, text):
        result = self.value()
        self.lines.append(f"    {result} = {text}")
        return result

    def effect(self, text):
        self.lines.append(f"    {text}")


def norm_parameters(w, layer, name, size, shape=None):
    o = w.o
    if o["norm_parameters"] == "none":
        return
    w.parameter(f"b{layer}.{name}.weight", shape or [size], spread=0.3, centre=1.0)
    if o["norm"] == "layer" and o["norm_parameters"] == "weight_bias":
        w.parameter(f"b{layer}.{name}.bias", shape or [size], spread=0.2)


class Block:
    """A function of parameters; `types` maps each role to its type."""

    def __init__(self, w, layer, window):
        self.w, self.o, self.layer, self.window = w, w.o, layer, window
        o = self.o
        self.hidden, self.heads, self.kv = o["hidden"], o["heads"], o["kv_heads"]
        self.dim = o["head_dim"]
        self.value_dim = o["value_dim"] or self.dim
        self.roles = []
        prefix = f"b{layer}."
        fmt = o["mixed"].split(",")[layer % len(o["mixed"].split(","))] if o["mixed"] else o["format"]

        def matrix(name, out, size):
            w.parameter(prefix + name + ".weight", [out, size], fmt)
            if o["biases"]:
                w.parameter(prefix + name + ".bias", [out], spread=0.3)

        if o["attention_norm"]:
            norm_parameters(w, layer, "attention_norm", self.hidden)
        if o["residual"] == "sequential":
            norm_parameters(w, layer, "feed_forward_norm", self.hidden)
        if o["post_norms"]:
            norm_parameters(w, layer, "attention_post_norm", self.hidden)
            norm_parameters(w, layer, "feed_forward_post_norm", self.hidden)
        if o["kv_rank"]:
            rank, nope = o["kv_rank"], o["nope"]
            matrix("query", self.heads * (nope + o["rope_dims"]), self.hidden)
            matrix("kv_a", rank + o["rope_dims"], self.hidden)
            norm_parameters(w, layer, "kv_a_norm", rank)
            w.parameter(prefix + "key_b.weight", [self.heads, nope, rank] if o["key_rows"] else [self.heads, rank, nope], fmt)
            w.parameter(prefix + "value_b.weight", [self.heads, self.value_dim, rank], fmt)
        else:
            matrix("query", self.heads * self.dim, self.hidden)
            matrix("key", self.kv * self.dim, self.hidden)
            matrix("value", self.kv * self.value_dim, self.hidden)
        matrix("attention_output", self.hidden, self.heads * self.value_dim)
        if o["feed_forward"] == "gated":
            matrix("gate", o["ffn"], self.hidden)
        matrix("up", o["ffn"], self.hidden)
        matrix("down", self.hidden, o["ffn"])
        if o["sinks"]:
            w.parameter(prefix + "sinks", [self.heads], spread=1.0)
        if o["qk_norm"] != "none":
            for name, count in (("query_norm", self.heads), ("key_norm", self.kv)):
                shape = {"head": [self.dim], "heads": [count, self.dim], "projection": [count * self.dim]}[o["qk_norm"]]
                w.parameter(prefix + name + ".weight", shape, spread=0.3, centre=1.0)
                if o["qk_norm_kind"] == "layer" and o["biases"]:
                    w.parameter(prefix + name + ".bias", shape, spread=0.2)
        self.roles = [n[len(prefix):] for n in w.parameters if n.startswith(prefix)]
        self.types = [w.parameters[prefix + r][0] for r in self.roles]

    def has(self, role):
        return role in self.roles

    def arg(self, role):
        return "%" + role.replace(".", "_")

    def type(self, role):
        return self.types[self.roles.index(role)]

    def norm(self, x, part, shape, kind=None, eps="1.0e-5"):
        w = self.w
        kind = kind or self.o["norm"]
        name = "nn.rms_norm" if kind == "rms" else "nn.layer_norm"
        t = w.rows(*shape)
        operands, types = [x], [t]
        if self.has(part + ".weight"):
            operands.append(self.arg(part + ".weight"))
            types.append(self.type(part + ".weight"))
        if kind == "layer" and self.has(part + ".bias"):
            operands.append(self.arg(part + ".bias"))
            types.append(self.type(part + ".bias"))
        return w.op(f"{name} {', '.join(operands)} eps = {eps} : {', '.join(types)}")

    def linear(self, x, part, size, out, fine=False):
        w = self.w
        weight = self.type(part + ".weight")
        attr = ""
        act = self.o["activation"]
        if "!nn" in weight and act != "f32":
            attr = " {activation = #nn.activation<%s>}" % ("q16" if fine else act)
        bias, bias_type = "", ""
        if self.has(part + ".bias"):
            bias, bias_type = f", bias {self.arg(part + '.bias')}", f", {self.type(part + '.bias')}"
        return w.op(f"nn.linear {x}, {self.arg(part + '.weight')}{bias}{attr} : {w.rows(size)}, {weight}{bias_type} -> {w.rows(out)}")

    def binary(self, name, a, b, *shape):
        t = self.w.rows(*shape)
        return self.w.op(f"nn.{name} {a}, {b} : {t}, {t}")

    def function(self, x, size):
        name = self.o["function"]
        t = self.w.rows(size)
        if name == "gelu_tanh":
            return self.w.op(f"nn.gelu {x} {{approximate = #nn.approximate<tanh>}} : {t}")
        return self.w.op(f"nn.{name} {x} : {t}")

    def projected(self, x, part, count, dim):
        w, o = self.w, self.o
        y = self.linear(x, part, self.hidden, count * dim, fine=True)
        if o["qkv_clip"]:
            y = w.op(f"nn.clamp {y} {{low = {-float(o['qkv_clip'])} : f32, high = {float(o['qkv_clip'])} : f32}} : {w.rows(count * dim)}")
        normed = part in ("query", "key") and o["qk_norm"] != "none"
        if normed and o["qk_norm"] == "projection":
            y = self.norm(y, part + "_norm", [count * dim], o["qk_norm_kind"])
        y = w.op(f"nn.reshape {y} : {w.rows(count * dim)} to {w.rows(count, dim)}")
        if normed and o["qk_norm_order"] == "before_rope":
            y = self.head_norm(y, part, count, dim)
        return y

    def head_norm(self, y, part, count, dim):
        w, o = self.w, self.o
        if o["qk_norm"] == "head":
            return self.norm(y, part + "_norm", [count, dim], o["qk_norm_kind"])
        if o["qk_norm"] == "heads":  # a norm without parameters, then products with [H, D]
            t = w.rows(count, dim)
            name = "nn.rms_norm" if o["qk_norm_kind"] == "rms" else "nn.layer_norm"
            y = w.op(f"{name} {y} eps = 1.0e-5 : {t}")
            y = w.op(f"nn.mul {y}, {self.arg(part + '_norm.weight')} : {t}, {self.type(part + '_norm.weight')}")
            if self.has(part + "_norm.bias"):
                y = w.op(f"nn.add {y}, {self.arg(part + '_norm.bias')} : {t}, {self.type(part + '_norm.bias')}")
        return y

    def attention(self, x):
        w, o = self.w, self.o
        if o["kv_rank"]:
            return self.latent_attention(x)
        q = self.projected(x, "query", self.heads, self.dim)
        k = self.projected(x, "key", self.kv, self.dim)
        v = self.projected(x, "value", self.kv, self.value_dim)
        rope = o["rope_dims"] if o["rope_dims"] >= 0 else self.dim
        if rope:
            attr = " {pairing = #nn.pairing<half>}" if o["pairing"] == "half" else ""
            q = w.op(f"nn.rope {q}, %table{attr} : {w.rows(self.heads, self.dim)}, {w.rows(rope)}")
            k = w.op(f"nn.rope {k}, %table{attr} : {w.rows(self.kv, self.dim)}, {w.rows(rope)}")
        if o["qk_norm"] != "none" and o["qk_norm_order"] == "after_rope":
            q, k = self.head_norm(q, "query", self.heads, self.dim), self.head_norm(k, "key", self.kv, self.dim)
        kt, vt = w.rows(self.kv, self.dim), w.rows(self.kv, self.value_dim)
        if o["cache"]:
            slot = slot_type(o)
            w.effect(f"cache.append %slot, {k}, {v} : {slot}, {kt}, {vt}")
            w.effect(f"%k, %vv = cache.view %slot : {slot} -> {kt}, {vt}")
            k, v = "%k", "%vv"
        attrs = [f"scale = {1 / math.sqrt(self.dim):.9e} : f32"]
        if o["causal"]:
            attrs.append("causal")
        if self.window:
            attrs.append(f"window = {self.window}")
        if o["chunk"]:
            attrs.append(f"chunk = {o['chunk']}")
        if o["soft_cap"]:
            attrs.append(f"soft_cap = {float(o['soft_cap'])} : f32")
        qt, rt = w.rows(self.heads, self.dim), w.rows(self.heads, self.value_dim)
        extra = ""
        if o["sinks"]:
            extra += f" sinks(%sinks : tensor<{self.heads}xf32>)"
        if o["alibi"]:
            extra += f" slopes(%slopes : tensor<{self.heads}xf32>)"
        y = w.op(f"nn.attention {q}, {k}, {v}{extra} {{{', '.join(attrs)}}} : {qt}, {kt}, {vt} -> {rt}")
        y = w.op(f"nn.reshape {y} : {rt} to {w.rows(self.heads * self.value_dim)}")
        return self.linear(y, "attention_output", self.heads * self.value_dim, self.hidden)

    def head_linear(self, x, part, size, out, transposed=False, fine=False):
        weight, attributes = self.type(part + ".weight"), ["transposed"] if transposed else []
        if "!nn" in weight and self.o["activation"] != "f32" and not transposed:
            attributes.append("activation = #nn.activation<%s>" % ("q16" if fine else self.o["activation"]))
        attr = " {" + ", ".join(attributes) + "}" if attributes else ""
        types = f"{self.w.rows(self.heads, size)}, {weight} -> {self.w.rows(self.heads, out)}"
        return self.w.op(f"nn.head_linear {x}, {self.arg(part + '.weight')}{attr} : {types}")

    def latent_attention(self, x):
        w, o = self.w, self.o
        rank, nope, rope, heads, slot = o["kv_rank"], o["nope"], o["rope_dims"], self.heads, slot_type(o)

        def columns(value, count, start, size, *head):
            dim = len(head) + 1
            return w.op(f"nn.slice {value} dim = {dim} start = {start} size = {size} : {w.rows(*head, count)} -> {w.rows(*head, size)}")

        def turned(value, count):
            return w.op(f"nn.rope {value}, %table : {w.rows(count, rope)}, {w.rows(rope)}")

        q = self.linear(x, "query", self.hidden, heads * (nope + rope), fine=True)
        q = w.op(f"nn.reshape {q} : {w.rows(heads * (nope + rope))} to {w.rows(heads, nope + rope)}")
        absorbed = self.head_linear(columns(q, nope + rope, 0, nope, heads), "key_b", nope, rank, o["key_rows"], fine=True)
        of_query = turned(columns(q, nope + rope, nope, rope, heads), heads)
        types = f"{w.rows(heads, rank)}, {w.rows(heads, rope)} -> {w.rows(heads, rank + rope)}"
        q = w.op(f"nn.concat {absorbed}, {of_query} dim = 2 : {types}")
        low = self.linear(x, "kv_a", self.hidden, rank + rope, fine=True)
        latent = self.norm(columns(low, rank + rope, 0, rank), "kv_a_norm", [rank])
        latent = w.op(f"nn.reshape {latent} : {w.rows(rank)} to {w.rows(1, rank)}")
        shared = w.op(f"nn.reshape {columns(low, rank + rope, rank, rope)} : {w.rows(rope)} to {w.rows(1, rope)}")
        shared = turned(shared, 1)
        kt, vt, qt = w.rows(1, rank + rope), w.rows(1, rank), w.rows(heads, rank + rope)
        k = w.op(f"nn.concat {latent}, {shared} dim = 2 : {vt}, {w.rows(1, rope)} -> {kt}")
        w.effect(f"cache.append %slot, {k} : {slot}, {kt}")
        w.effect(f"%k, %vv = cache.view %slot : {slot} -> {kt}, {vt}")
        types = f"{qt}, {kt}, {vt} -> {w.rows(heads, rank)}"
        y = w.op(f"nn.attention {q}, %k, %vv {{scale = {1 / math.sqrt(nope + rope):.9e} : f32, causal}} : {types}")
        y = self.head_linear(y, "value_b", rank, self.value_dim)
        y = w.op(f"nn.reshape {y} : {w.rows(heads, self.value_dim)} to {w.rows(heads * self.value_dim)}")
        return self.linear(y, "attention_output", heads * self.value_dim, self.hidden)

    def feed_forward(self, x):
        o = self.o
        if o["feed_forward"] == "gated":
            g = self.function(self.linear(x, "gate", self.hidden, o["ffn"]), o["ffn"])
            y = self.binary("mul", g, self.linear(x, "up", self.hidden, o["ffn"]), o["ffn"])
        else:
            y = self.function(self.linear(x, "up", self.hidden, o["ffn"]), o["ffn"])
        return self.linear(y, "down", o["ffn"], self.hidden)

    def scaled(self, y):
        if not self.o["residual_scale"]:
            return y
        c = self.w.op(f"nn.constant dense<{float(self.o['residual_scale'])}> : tensor<f32>")
        return self.w.op(f"nn.mul {y}, {c} : {self.w.rows(self.hidden)}, tensor<f32>")

    def emit(self):
        w, o, h = self.w, self.o, self.hidden
        x = "%x"
        if o["norm_placement"] == "after_residual":
            m = self.norm(self.binary("add", x, self.attention(x), h), "attention_norm", [h])
            return self.norm(self.binary("add", m, self.feed_forward(m), h), "feed_forward_norm", [h])
        n = self.norm(x, "attention_norm", [h]) if o["attention_norm"] else x
        a = self.attention(n)
        if o["post_norms"]:
            a = self.norm(a, "attention_post_norm", [h])
        a = self.scaled(a)
        if o["residual"] == "parallel":
            return self.binary("add", self.binary("add", x, a, h), self.scaled(self.feed_forward(n)), h)
        m = self.binary("add", x, a, h)
        f = self.feed_forward(self.norm(m, "feed_forward_norm", [h]))
        if o["post_norms"]:
            f = self.norm(f, "feed_forward_post_norm", [h])
        return self.binary("add", m, self.scaled(f), h)


def slot_type(o):
    if o["kv_rank"]:
        return f"!cache.kv<heads = 1, dim = {o['kv_rank'] + o['rope_dims']}, {o['slot']}, latent = {o['kv_rank']}>"
    value = f", value_dim = {o['value_dim']}" if o["value_dim"] and o["value_dim"] != o["head_dim"] else ""
    return f"!cache.kv<heads = {o['kv_heads']}, dim = {o['head_dim']}{value}, {o['slot']}>"


def write(stem, o):
    w = Writer(stem, o)
    h, v, dim = o["hidden"], o["vocabulary"], o["head_dim"]
    rope = o["rope_dims"] if o["rope_dims"] >= 0 else dim
    w.parameter("embedding", [v, h], o["embedding_format"], spread=1.0)
    if not o["tied"]:
        w.parameter("output", [v, h], o["format"])
    if o["positions"]:
        w.parameter("positions", [o["positions"], h], spread=1.0)
    blocks, functions, signatures = [], [], {}
    for layer in range(o["layers"]):
        window = o["window"] if not o["alternate"] or layer % 2 == 0 else 0
        block = Block(w, layer, window)
        key = (window, tuple(block.types))
        if key not in signatures:
            signatures[key] = f"block{len(signatures)}"
            arguments = [f"%x: {w.rows(h)}"]
            if rope:
                arguments.append(f"%table: {w.rows(rope)}")
            arguments += [f"{block.arg(r)}: {t}" for r, t in zip(block.roles, block.types)]
            if o["alibi"]:
                arguments.append(f"%slopes: tensor<{o['heads']}xf32>")
            if o["cache"]:
                arguments.append(f"%slot: {slot_type(o)}")
            w.lines = []
            result = block.emit()
            functions.append(f"  func.func private @{signatures[key]}({', '.join(arguments)}) -> {w.rows(h)} {{\n" + "\n".join(w.lines) +
                                              f"\n    return {result} : {w.rows(h)}\n  }}\n")
        block.name = signatures[key]
        blocks.append(block)
    if o["norm_parameters"] != "none":
        w.parameter("final_norm.weight", [h], spread=0.3, centre=1.0)
        if o["norm"] == "layer" and o["norm_parameters"] == "weight_bias":
            w.parameter("final_norm.bias", [h], spread=0.2)
    entries = ""
    if o["pooling"] == "none":
        entries += entry(w, blocks, "forward", last=False) + entry(w, blocks, "next", last=True)
    else:
        entries += entry(w, blocks, "encode", last=False)
    text = f'module attributes {{tenon.context = {o["max_context"]} : i64, tenon.name = "block"}} {{\n'
    name = stem.rsplit("/", 1)[-1] + ".bin"
    for parameter, (kind, offset) in w.parameters.items():
        text += f'  nn.param @"{parameter}" : {kind} from "{name}" at {offset}\n'
    if o["cache"]:
        for layer in range(o["layers"]):
            text += f"  cache.declare @kv{layer} : {slot_type(o)}\n"
    text += "".join(functions) + entries
    if o["pooling"] == "none" and o["cache"]:
        text += f"""  decode.generate @generate step @next eos [] {{
  ^bb0(%logits: tensor<1x{v}xf32>, %uniform: tensor<1xf32>):
    %t = decode.greedy %logits : tensor<1x{v}xf32> -> tensor<1xi32>
    decode.yield %t : tensor<1xi32>
  }}
"""
    text += "}\n"
    open(stem + ".mlir", "w").write(text)
    open(stem + ".bin", "wb").write(w.data)


def entry(w, blocks, name, last):
    o, h, v = w.o, w.o["hidden"], w.o["vocabulary"]
    rope = o["rope_dims"] if o["rope_dims"] >= 0 else o["head_dim"]
    w.lines = []

    def get(p):
        return w.op(f'nn.get_param @"{p}" : {w.parameters[p][0]}'), w.parameters[p][0]

    def norm(x, p):
        name = "nn.rms_norm" if o["norm"] == "rms" else "nn.layer_norm"
        operands, types = [x], [w.rows(h)]
        for part in (".weight", ".bias"):
            if p + part in w.parameters:
                value, kind = get(p + part)
                operands.append(value)
                types.append(kind)
        return w.op(f"{name} {', '.join(operands)} eps = 1.0e-5 : {', '.join(types)}")

    table, kind = get("embedding")
    x = w.op(f"nn.embedding %tokens, {table} : tensor<?xi32>, {kind} -> {w.rows(h)}")
    if o["embedding_scale"]:
        c = w.op(f"nn.constant dense<{float(o['embedding_scale'])}> : tensor<f32>")
        x = w.op(f"nn.mul {x}, {c} : {w.rows(h)}, tensor<f32>")
    slots = []
    if o["cache"]:
        slots = [w.op(f"cache.get @kv{i} : {slot_type(o)}") for i in range(o["layers"])]
        start = w.op(f"cache.length {slots[0]} : {slot_type(o)} -> index")
    else:
        start = w.op("arith.constant 0 : index")
    if o["positions"]:
        p, kind = get("positions")
        y = w.op(f"nn.position_embedding %tokens, {p} start({start}) {{offset = 2}} : tensor<?xi32>, {kind} -> {w.rows(h)}")
        x = w.op(f"nn.add {x}, {y} : {w.rows(h)}, {w.rows(h)}")
    if rope:
        f = ", ".join(f"{10000.0 ** (-2 * i / rope):.9e}" for i in range(rope // 2))
        f = w.op(f"nn.constant dense<[{f}]> : tensor<{rope // 2}xf32>")
        types = f"tensor<?xi32>, index, tensor<{rope // 2}xf32> -> {w.rows(rope)}"
        angles = w.op(f"nn.rope_table %tokens, {start}, {f} {{scale = 1.1 : f32}} : {types}")
    slopes = None
    if o["alibi"]:
        s = ", ".join(f"{2.0 ** (-8.0 * (i + 1) / o['heads']):.9e}" for i in range(o["heads"]))
        slopes = w.op(f"nn.constant dense<[{s}]> : tensor<{o['heads']}xf32>")
    for layer, block in enumerate(blocks):
        operands, types = [x], [w.rows(h)]
        if rope:
            operands.append(angles)
            types.append(w.rows(rope))
        for role in block.roles:
            value, kind = get(f"b{layer}.{role}")
            operands.append(value)
            types.append(kind)
        if slopes:
            operands.append(slopes)
            types.append(f"tensor<{o['heads']}xf32>")
        if o["cache"]:
            operands.append(slots[layer])
            types.append(slot_type(o))
        x = w.op(f"func.call @{block.name}({', '.join(operands)}) : ({', '.join(types)}) -> {w.rows(h)}")
    if o["pooling"] == "mean":
        result = w.op(f"nn.reduce mean {x} dim = 0 : {w.rows(h)} -> tensor<{h}xf32>")
        kind = f"tensor<{h}xf32>"
    elif o["pooling"] == "cls":
        result = w.op(f"nn.slice {x} dim = 0 start = 0 size = 1 : {w.rows(h)} -> tensor<1x{h}xf32>")
        kind = f"tensor<1x{h}xf32>"
    else:
        rows = "?"
        if last:
            x = w.op(f"nn.slice {x} dim = 0 start = -1 size = 1 : {w.rows(h)} -> tensor<1x{h}xf32>")
            rows = "1"
        saved, w.rows = w.rows, lambda *s: "tensor<" + "x".join([rows] + [str(i) for i in s]) + "xf32>"
        x = norm(x, "final_norm")
        weight, wt = get("output" if not o["tied"] else "embedding")
        attr = " {activation = #nn.activation<q16>}" if "!nn" in wt and o["activation"] != "f32" else ""
        x = w.op(f"nn.linear {x}, {weight}{attr} : {w.rows(h)}, {wt} -> {w.rows(v)}")
        if o["logit_scale"]:
            c = w.op(f"nn.constant dense<{float(o['logit_scale'])}> : tensor<f32>")
            x = w.op(f"nn.mul {x}, {c} : {w.rows(v)}, tensor<f32>")
        if o["logit_soft_cap"]:
            c = w.op(f"nn.constant dense<{float(o['logit_soft_cap'])}> : tensor<f32>")
            x = w.op(f"nn.div {x}, {c} : {w.rows(v)}, tensor<f32>")
            x = w.op(f"nn.tanh {x} : {w.rows(v)}")
            x = w.op(f"nn.mul {x}, {c} : {w.rows(v)}, tensor<f32>")
        result, kind = x, w.rows(v)
        w.rows = saved
    head = f"  func.func @{name}(%tokens: tensor<?xi32>) -> {kind} attributes {{tenon.entry}} {{"
    return "\n".join([head, *w.lines, f"    return {result} : {kind}", "  }", ""])


def main():
    if len(sys.argv) < 2:
        raise SystemExit("usage: make_block.py STEM KEY=VALUE...")
    options = dict(DEFAULTS)
    for argument in sys.argv[2:]:
        key, value = argument.split("=", 1)
        if key not in options:
            raise SystemExit(f"no option {key}; there are: {', '.join(options)}")
        default = options[key]
        options[key] = value if isinstance(default, str) else float(value) if "." in value else int(value)
    write(sys.argv[1], options)


if __name__ == "__main__":
    main()
