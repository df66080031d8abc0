"""Quantised blocks of GGUF as bytes: the rule of dialects/nn/codec/Encode.cpp in plain Python.

A format is a row of FORMATS: how its values become integers, scales and minima, and where the block keeps them.
"""

import math
import struct

UNEVEN = (-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113)
TINY_FLOATS = (0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12)


def half(value):
    return struct.pack("<e", max(-65504.0, min(65504.0, value)))


def rounded_half(value):
    return struct.unpack("<e", half(value))[0]


def within(value, low, high):
    return max(low, min(high, value))


def nearest(value):
    return math.floor(value + 0.5)


class Bytes:
    """A block being written: numbers go to places (byte, shift) bit by bit."""

    def __init__(self, size):
        self.data = bytearray(size)

    def put(self, place, value, width):
        byte, shift = place
        self.data[byte] |= (value & ((1 << width) - 1)) << shift

    def put_half(self, at, value):
        self.data[at:at + 2] = half(value)


# Where integers are: the places of element e. Blocks of 32 keep elements 16 apart in a byte, those of 256 elements 32 or 64 apart.

def nibble(first):
    return lambda e: (first + e % 16, e // 16 * 4)


def bit(first):
    return lambda e: (first + e // 8, e % 8)


def wide(first, bits):
    """bits of each of 256 elements; a byte has elements that are 32 apart."""
    run = 32 * (8 // bits)
    return lambda e: (first + e // run * 32 + e % 32, e // 32 % (8 // bits) * bits)


def far_nibble(e):
    return e // 128 * 64 + e % 64, e // 64 % 2 * 4


def row_nibble(e):
    return 8 + e // 32 * 16 + e % 16, e % 32 // 16 * 4


def signed_rule(span, zero):
    """scale, minimum: the value of largest magnitude becomes -zero times the scale."""
    return max(span, key=abs) / -zero, 0.0


def spread_rule(span, most, least):
    return (max(span) - least) / most, least


def integers_of(span, scale, minimum, zero, bits):
    inverse = 1 / scale if scale else 0
    return [within(nearest((v - minimum) * inverse) + zero, 0, (1 << bits) - 1) for v in span]


def table_index(value, table):
    return min(range(16), key=lambda i: abs(table[i] - value))


def put_integers(out, values, places):
    for e, value in enumerate(values):
        for place, first, width in places:
            out.put(place(e), value >> first, width)


def spans_of(values, size):
    return [values[i:i + size] for i in range(0, len(values), size)]


def put_six_bits(out, at, numbers, second):
    """Eight numbers of six bits in twelve bytes from `at` on: the scales, or the minima when `second` is 1."""
    for s, number in enumerate(numbers):
        if s < 4:
            out.put((at + 4 * second + s, 0), number, 6)
        else:
            out.put((at + 4 + s, 4 * second), number, 4)
            out.put((at + 4 * second + s - 4, 6), number >> 4, 2)


# Formats of 32 elements.

def encode_small(bits, has_minimum, low, high=None):
    def encode(values):
        size = 2 + 2 * has_minimum + 16 + (4 if high else 0)
        out, zero = Bytes(size), 0 if has_minimum else 1 << bits - 1
        most = (1 << bits) - 1
        scale, minimum = spread_rule(values, most, min(values)) if has_minimum else signed_rule(values, zero)
        out.put_half(0, scale)
        if has_minimum:
            out.put_half(2, minimum)
        places = [(nibble(low), 0, 4)] + ([(bit(high), 4, 1)] if high else [])
        put_integers(out, integers_of(values, scale, minimum, zero, bits), places)
        return bytes(out.data)
    return encode


def encode_iq4_nl(values):
    out, scale = Bytes(18), max(values, key=abs) / UNEVEN[0]
    out.put_half(0, scale)
    put_integers(out, [table_index(v / scale if scale else 0, UNEVEN) for v in values], [(nibble(2), 0, 4)])
    return bytes(out.data)


def encode_mxfp4(values):
    out, largest = Bytes(17), max(map(abs, values))
    exponent = within(math.frexp(largest)[1] - 1 - 2 + 127, 0, 254) if largest else 0
    out.data[0] = exponent
    put_integers(out, [table_index(math.ldexp(v, 128 - exponent), TINY_FLOATS) for v in values], [(nibble(1), 0, 4)])
    return bytes(out.data)


# Formats of 256 elements.

def signed_spans(values, span, zero, scale_bits):
    """The half and the signed bytes of the spans' scales, and the scales that they make."""
    scales = [signed_rule(part, zero)[0] for part in spans_of(values, span)]
    least = -(1 << scale_bits - 1)
    step = max(scales, key=abs) / least
    numbers = [within(nearest(s / step), least, -least - 1) if step else 0 for s in scales]
    return step, numbers, [rounded_half(step) * n for n in numbers]


def encode_signed(size, bits, scale_bits, at_half, places, put_scales):
    def encode(values):
        out, zero = Bytes(size), 1 << bits - 1
        step, numbers, scales = signed_spans(values, 16, zero, scale_bits)
        out.put_half(at_half, step)
        put_scales(out, numbers)
        put_integers(out, [q for part, s in zip(spans_of(values, 16), scales) for q in integers_of(part, s, 0, zero, bits)], places)
        return bytes(out.data)
    return encode


def put_q3_scales(out, numbers):
    for s, number in enumerate(numbers):
        out.put((96 + s % 8, s // 8 * 4), number + 32, 4)
        out.put((104 + s % 4, s // 4 * 2), number + 32 >> 4, 2)


def put_q6_scales(out, numbers):
    for s, number in enumerate(numbers):
        out.put((192 + s, 0), number, 8)


def encode_spread(size, bits, span, scale_bits, halfs, places, put_scales):
    def encode(values):
        out, most, top = Bytes(size), (1 << bits) - 1, (1 << scale_bits) - 1
        rules = [spread_rule(part, most, min(0.0, *part)) for part in spans_of(values, span)]
        step, fall = max(r[0] for r in rules) / top, max(-r[1] for r in rules) / top
        scales = [within(nearest(r[0] / step), 0, top) if step else 0 for r in rules]
        minima = [within(nearest(-r[1] / fall), 0, top) if fall else 0 for r in rules]
        for at, value in zip(halfs, (step, fall)):
            out.put_half(at, value)
        put_scales(out, scales, minima)
        step, fall = rounded_half(step), rounded_half(fall)
        put_integers(out, [q for part, s, m in zip(spans_of(values, span), scales, minima)
                           for q in integers_of(part, step * s, -fall * m, 0, bits)], places)
        return bytes(out.data)
    return encode


def put_q2_scales(out, scales, minima):
    for s, (scale, minimum) in enumerate(zip(scales, minima)):
        out.put((s, 0), scale, 4)
        out.put((s, 4), minimum, 4)


def put_k_scales(out, scales, minima):
    put_six_bits(out, 4, scales, 0)
    put_six_bits(out, 4, minima, 1)


def encode_iq4_xs(values):
    out = Bytes(136)
    scales = [max(part, key=abs) / UNEVEN[0] for part in spans_of(values, 32)]
    step = max(scales, key=abs) / -32
    out.put_half(0, step)
    numbers = [within(nearest(s / step), -32, 31) if step else 0 for s in scales]
    integers = []
    for s, (part, number) in enumerate(zip(spans_of(values, 32), numbers)):
        out.put((4 + s // 2, s % 2 * 4), number + 32, 4)
        out.put((2 + s // 4, s % 4 * 2), number + 32 >> 4, 2)
        scale = rounded_half(step) * number
        integers += [table_index(v / scale if scale else 0, UNEVEN) for v in part]
    put_integers(out, integers, [(row_nibble, 0, 4)])
    return bytes(out.data)


def ternary(values):
    scale = max(map(abs, values))
    return scale, [within(nearest(v / scale), -1, 1) + 1 if scale else 1 for v in values]


def encode_tq2_0(values):
    scale, digits = ternary(values)
    out = Bytes(66)
    put_integers(out, digits, [(wide(0, 2), 0, 2)])
    out.put_half(64, scale)
    return bytes(out.data)


def encode_tq1_0(values):
    scale, digits = ternary(values)
    numbers = [0] * 52
    for first, base, run, count in ((0, 0, 32, 160), (160, 32, 16, 80), (240, 48, 4, 16)):
        for e in range(count):
            numbers[base + e % run] += digits[first + e] * 3 ** (4 - e // run)
    return bytes((n * 256 + 242) // 243 for n in numbers) + half(scale)


# name: GGUF's number of the type, `general.file_type`, elements of a block, the function that encodes one
FORMATS = {
    "q5_0": (6, 8, 32, encode_small(5, False, 6, 2)),
    "q5_1": (7, 9, 32, encode_small(5, True, 8, 4)),
    "q2_k": (10, 10, 256, encode_spread(84, 2, 16, 4, (80, 82), [(wide(16, 2), 0, 2)], put_q2_scales)),
    "q3_k": (11, 12, 256, encode_signed(110, 3, 6, 108, [(wide(32, 2), 0, 2), (wide(0, 1), 2, 1)], put_q3_scales)),
    "q4_k": (12, 15, 256, encode_spread(144, 4, 32, 6, (0, 2), [(wide(16, 4), 0, 4)], put_k_scales)),
    "q5_k": (13, 17, 256, encode_spread(176, 5, 32, 6, (0, 2), [(wide(48, 4), 0, 4), (wide(16, 1), 4, 1)], put_k_scales)),
    "q6_k": (14, 18, 256, encode_signed(210, 6, 8, 208, [(far_nibble, 0, 4), (wide(128, 2), 4, 2)], put_q6_scales)),
    "iq4_nl": (20, 25, 32, encode_iq4_nl),
    "iq4_xs": (23, 30, 256, encode_iq4_xs),
    "tq1_0": (34, 36, 256, encode_tq1_0),
    "tq2_0": (35, 37, 256, encode_tq2_0),
    "mxfp4": (39, 38, 32, encode_mxfp4),
}
