#!/usr/bin/env python3
"""Makes golden.txt: blocks that PyPI's `gguf` package encodes and decodes, one line each.

A line is: format, the float32 values, the encoded block, the decoded float32 values, each in hexadecimal.
Activation formats have no code in that package; a8 is checked as q8_0, a16 by the arithmetic written here.
The values are - where a block of random bytes is only decoded, as for the formats that the package cannot encode.
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


def random_blocks(kind, rng, count):
    """Blocks of random bytes whose halfs are numbers: exponents of all ones are taken off."""
    elements, size = gguf.GGML_QUANT_SIZES[kind]
    blocks = rng.integers(0, 256, (count, size), dtype=np.uint8)
    halfs = {"Q4_1": (0, 2), "Q5_1": (0, 2), "Q2_K": (80, 82), "Q3_K": (108,), "Q4_K": (0, 2), "Q5_K": (0, 2),
             "Q6_K": (208,), "MXFP4": (), "TQ1_0": (52,), "TQ2_0": (64,)}.get(kind.name, (0,))
    for at in halfs:
        blocks[:, at + 1] &= 0xBB
    if kind.name == "MXFP4":
        blocks[:4, 0] = (0, 1, 2, 254)
    if kind.name == "TQ1_0":  # only bytes that stand for five digits, or for four of them
        blocks[:, :48] = (rng.integers(0, 243, (count, 48)) * 256 + 242) // 243
        blocks[:, 48:52] = (rng.integers(0, 81, (count, 4)) * 3 * 256 + 242) // 243
    if kind.name == "TQ2_0":  # never 3
        digits = rng.integers(0, 3, (count, 64, 4))
        blocks[:, :64] = (digits << np.array([0, 2, 4, 6])).sum(axis=-1)
    return blocks


def add_random(lines):
    rng = np.random.default_rng(11)
    for kind in ("Q5_0", "Q5_1", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K", "IQ4_NL", "IQ4_XS", "MXFP4", "TQ1_0", "TQ2_0"):
        kind = gguf.GGMLQuantizationType[kind]
        for block in random_blocks(kind, rng, 6 if gguf.GGML_QUANT_SIZES[kind][0] == 32 else 3):
            decoded = gguf.dequantize(block.reshape(1, -1), kind)
            lines.append(" ".join([kind.name.lower(), "-", block.tobytes().hex(), decoded.astype(np.float32).tobytes().hex()]))


def add_encoded(lines):
    """What the package encodes of the newer formats; zeros apart, whose signs it leaves to chance."""
    for kind in ("Q5_0", "Q5_1", "MXFP4", "TQ1_0", "TQ2_0"):
        kind = gguf.GGMLQuantizationType[kind]
        elements = gguf.GGML_QUANT_SIZES[kind][0]
        rows = list(inputs()) if elements == 32 else np.concatenate(list(inputs())[3:11]).reshape(1, 256)
        for values in rows:
            values = np.asarray(values, np.float32).reshape(1, elements)
            block = gguf.quantize(values, kind)
            lines.append(" ".join([kind.name.lower(), values.tobytes().hex(), block.tobytes().hex(),
                                   gguf.dequantize(block, kind).astype(np.float32).tobytes().hex()]))


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
    add_encoded(lines)
    add_random(lines)
    pathlib.Path(__file__).with_name("golden.txt").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
