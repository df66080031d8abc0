"""GGUF files: numbers to stored bytes, and a writer. Nothing but Python's standard library is needed."""

import struct

from gguf_blocks import FORMATS

# Numbers to stored bytes. Blocks are 32 elements, or as FORMATS says; the layouts are those of dialects/nn/codec.

def round_within(value, low, high):
    return max(low, min(high, int(value)))


def half(value):
    return struct.pack("<e", max(-65504.0, min(65504.0, value)))


def store_bf16(values):
    out = bytearray()
    for value in values:
        bits = struct.unpack("<I", struct.pack("<f", value))[0]
        out += struct.pack("<H", (bits + 0x7FFF + (bits >> 16 & 1)) >> 16)
    return bytes(out)


def pack_nibbles(q):
    return bytes(q[j] | q[j + 16] << 4 for j in range(16))


def encode_q4_0(block):
    extreme = max(block, key=abs)
    scale = extreme / -8
    inverse = 1 / scale if scale else 0
    return half(scale) + pack_nibbles([round_within(v * inverse + 8.5, 0, 15) for v in block])


def encode_q4_1(block):
    low, high = min(block), max(block)
    scale = (high - low) / 15
    inverse = 1 / scale if scale else 0
    return half(scale) + half(low) + pack_nibbles([round_within((v - low) * inverse + 0.5, 0, 15) for v in block])


def encode_q8_0(block):
    scale = max(abs(v) for v in block) / 127
    inverse = 1 / scale if scale else 0
    return half(scale) + struct.pack("<32b", *(round_within(round(v * inverse), -127, 127) for v in block))


def blocks_of(encode, size=32):
    return lambda values: b"".join(encode(values[i:i + size]) for i in range(0, len(values), size))


# name: GGUF's number of the type, `general.file_type`, the function that stores values
TYPES = {
    "f32": (0, 0, lambda values: struct.pack(f"<{len(values)}f", *values)),
    "f16": (1, 1, lambda values: struct.pack(f"<{len(values)}e", *values)),
    "q4_0": (2, 2, blocks_of(encode_q4_0)),
    "q4_1": (3, 3, blocks_of(encode_q4_1)),
    "q8_0": (8, 7, blocks_of(encode_q8_0)),
    "bf16": (30, 32, store_bf16),
    **{name: (number, kind, blocks_of(encode, size)) for name, (number, kind, size, encode) in FORMATS.items()},
}


def block_elements(kind):
    """The elements of a block of a type; 1 for floats."""
    if kind in FORMATS:
        return FORMATS[kind][2]
    return 32 if kind.startswith("q") else 1


def string(text):
    data = text.encode()
    return struct.pack("<Q", len(data)) + data


class Writer:
    """A GGUF version 3 file: keys, tensors, and their data at multiples of 32 bytes."""

    def __init__(self):
        self.keys, self.tensors, self.data = [], [], bytearray()

    def key(self, name, kind, value):
        numbers = {"u32": (4, "<I"), "i32": (5, "<i"), "f32": (6, "<f"), "bool": (7, "<?")}
        if kind == "string":
            self.keys.append(string(name) + struct.pack("<I", 8) + string(value))
        elif kind == "strings":
            self.keys.append(string(name) + struct.pack("<IIQ", 9, 8, len(value)) + b"".join(map(string, value)))
        elif kind == "i32s":
            self.keys.append(string(name) + struct.pack(f"<IIQ{len(value)}i", 9, 5, len(value), *value))
        else:
            number, form = numbers[kind]
            self.keys.append(string(name) + struct.pack("<I", number) + struct.pack(form, value))

    def tensor(self, name, shape, kind, values):
        number, _, store = TYPES[kind]
        self.data += bytes(-len(self.data) % 32)
        self.tensors.append(string(name) + struct.pack("<I", len(shape)) +
                            struct.pack(f"<{len(shape)}Q", *reversed(shape)) + struct.pack("<IQ", number, len(self.data)))
        self.data += store(values)

    def bytes(self):
        head = struct.pack("<4sIQQ", b"GGUF", 3, len(self.tensors), len(self.keys))
        head += b"".join(self.keys) + b"".join(self.tensors)
        return head + bytes(-len(head) % 32) + bytes(self.data)
