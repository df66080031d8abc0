#!/usr/bin/env python3
"""Makes golden.txt: blocks that PyPI's `gguf` package encodes and decodes, one line each.

A line is: format, the float32 values, the encoded block, the decoded float32 values, each in hexadecimal.
Activation formats have no code in that package; a8 is checked as q8_0, a16 by the arithmetic written here.
"""

import pathlib

import gguf
import numpy as np


def inputs():
    rng = np.random.default_rng(7)
    yield np.zeros(32)
    yield np.full(32, 0.75)
    yield np.full(32, -3.0)
    yield np.linspace(-1, 1, 32)
    yield np.where(np.arange(32) == 5, -1e-3, 0)
    yield rng.standard_normal(32) * 1e-5  # scales that are subnormal halves
    yield rng.standard_normal(32) * 3e4
    yield np.abs(rng.standard_normal(32))
    for scale in (0.02, 0.5, 1, 17):
        yield rng.standard_normal(32) * scale
    # Values halfway between integers: q8_0 rounds them away from zero.
    yield np.concatenate([[127.0], np.arange(31) - 15.5])


def encode_a16(values):
    scale = np.max(np.abs(values)) / np.float32(32512)
    divisor = scale if scale else np.float32(1)
    q = np.clip(gguf.quants.np_roundf(values / divisor), -32512, 32512).astype(np.int32)
    low = q.astype(np.int8)
    high = ((q - low) // 256).astype(np.int8)
    block = np.concatenate([np.array([scale], np.float32).view(np.uint8), high.view(np.uint8), low.view(np.uint8)])
    return block, q.astype(np.float32) * scale


def main():
    lines = []
    types = {"q4_0": gguf.GGMLQuantizationType.Q4_0, "q4_1": gguf.GGMLQuantizationType.Q4_1,
             "q8_0": gguf.GGMLQuantizationType.Q8_0, "a8": gguf.GGMLQuantizationType.Q8_0}
    for name in ("q4_0", "q4_1", "q8_0", "a8", "a16"):
        for values in inputs():
            values = np.asarray(values, np.float32)
            if name in types:
                block = gguf.quantize(values.reshape(1, 32), types[name])
                decoded = gguf.dequantize(block, types[name])
            else:
                block, decoded = encode_a16(values)
            lines.append(" ".join([name, values.tobytes().hex(), block.tobytes().hex(),
                                   decoded.astype(np.float32).tobytes().hex()]))
    pathlib.Path(__file__).with_name("golden.txt").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
