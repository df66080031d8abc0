"""Writes a block of experts with random weights as a module, its weights beside it, and inputs of several numbers of tokens.

  experts.py OUT.mlir --experts=8 --used=2 --hidden=64 --width=96 --type=q4_0 --route='{renormalise}'
"""

import argparse
import os
import random
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../../tools/dev"))

from gguf_file import TYPES  # noqa: E402


def write_npy(path, values, shape):
    head = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({', '.join(map(str, shape))}), }}"
    head += " " * (63 - (10 + len(head)) % 64) + "\n"
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\0" + struct.pack("<H", len(head)) + head.encode() + struct.pack(f"<{len(values)}f", *values))


class Module:
    def __init__(self, path):
        self.path, self.data, self.lines, self.rng = path, bytearray(), [], random.Random(7)

    def parameter(self, name, kind, shape):
        """Declares it, and returns the type."""
        count = 1
        for size in shape:
            count *= size
        reach = (3 / shape[-1]) ** 0.5
        self.data += bytes(-len(self.data) % 64)
        element = kind if kind in ("f32", "f16", "bf16") else f"!nn.{kind}"
        type_text = "tensor<" + "x".join(map(str, shape)) + f"x{element}>"
        self.lines.append(f'nn.param @{name} : {type_text} from "{os.path.basename(self.path)}.bin" at {len(self.data)}')
        self.data += TYPES[kind][2]([self.rng.uniform(-reach, reach) for _ in range(count)])
        return type_text


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("output")
    for name in ("experts", "used", "hidden", "width"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--type", default="f32")
    parser.add_argument("--activation", default="q8")
    parser.add_argument("--route", default="")
    parser.add_argument("--bias", action="store_true", help="of the choice, and of the first linear")
    parser.add_argument("--tokens", default="0,1,7,33")
    parser.add_argument("--alike", action="store_true", help="all tokens are the same, so all go to the same experts")
    o = parser.parse_args()
    m = Module(o.output)
    e, k, d, f = o.experts, o.used, o.hidden, o.width
    router, gate = m.parameter("router", "f32", [e, d]), m.parameter("gate", o.type, [e, f, d])
    up, down = m.parameter("up", o.type, [e, f, d]), m.parameter("down", o.type, [e, d, f])
    correction, bias = m.parameter("correction", "f32", [e]), m.parameter("bias", "f32", [e, f])
    routing = f"!moe.routing<experts = {e}, used = {k}>"
    asked = f" {{activation = #nn.activation<{o.activation}>}}" if "!nn" in gate else ""
    rows, inner = f"tensor<?x{d}xf32>", f"tensor<?x{k}x{f}xf32>"
    spread = f"tensor<?x{k}x{d}xf32>"
    choice = (", bias %correction", ", " + correction) if o.bias else ("", "")
    first = (", bias %bias", ", " + bias) if o.bias else ("", "")
    m.lines.append(f"""
func.func @block(%x: {rows}) -> {rows} attributes {{tenon.entry}} {{
  %router = nn.get_param @router : {router}
  %gate = nn.get_param @gate : {gate}
  %up = nn.get_param @up : {up}
  %down = nn.get_param @down : {down}
  %correction = nn.get_param @correction : {correction}
  %bias = nn.get_param @bias : {bias}
  %logits = nn.linear %x, %router : {rows}, {router} -> tensor<?x{e}xf32>
  %r = moe.route %logits{choice[0]} {o.route} : tensor<?x{e}xf32>{choice[1]} -> {routing}
  %s = moe.dispatch %x, %r : {rows}, {routing} -> {spread}
  %g = moe.grouped_linear %s, %gate, %r{first[0]}{asked} : {spread}, {gate}, {routing}{first[1]} -> {inner}
  %u = moe.grouped_linear %s, %up, %r{asked} : {spread}, {up}, {routing} -> {inner}
  %a = nn.silu %g : {inner}
  %h = nn.mul %a, %u : {inner}, {inner}
  %y = moe.grouped_linear %h, %down, %r{asked} : {inner}, {down}, {routing} -> {spread}
  %z = moe.combine %y, %r : {spread}, {routing} -> {rows}
  %o = nn.add %x, %z : {rows}, {rows}
  return %o : {rows}
}}""")
    with open(o.output, "w") as file:
        file.write("\n".join(m.lines) + "\n")
    with open(o.output + ".bin", "wb") as file:
        file.write(m.data)
    row = [m.rng.uniform(-2, 2) for _ in range(d)]
    for tokens in map(int, o.tokens.split(",")):
        values = row * tokens if o.alike else [m.rng.uniform(-2, 2) for _ in range(tokens * d)]
        write_npy(f"{o.output}.{tokens}.npy", values, [tokens, d])


if __name__ == "__main__":
    main()
