//===- FormCodec.h - codecs from where a block keeps its parts ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A format is described by a struct of constants and constexpr functions:
//
//   elements, bytes       of a block
//   form                  its BlockForm
//   integer(e)            where the integer of element e is stored
//   half, minimum         the bytes at which the halfs begin (those that the form has)
//   scale(s), minimum(s)  where the numbers of span s are stored (those that the form has)
//
// From it come all four functions of a codec.

#pragma once

#include "tenon/dialects/nn/BlockCodec.h"

#include <cstring>

namespace tenon::codec {

/// Some bits of one byte.
struct Bits {
  uint16_t byte = 0;
  uint8_t shift = 0, width = 0;
};

/// Where a small number is stored: its low bits, and what lies above them elsewhere. `bias` is taken off the stored number, modulo 256.
struct Stored {
  Bits low, high = {};
  uint8_t bias = 0;
};

constexpr uint8_t read(const uint8_t *block, Bits bits) {
  return bits.width ? block[bits.byte] >> bits.shift & ((1 << bits.width) - 1) : 0;
}
constexpr uint8_t read(const uint8_t *block, Stored place) {
  return uint8_t((read(block, place.low) | read(block, place.high) << place.low.width) - place.bias);
}
constexpr void write(uint8_t *block, Bits bits, uint8_t value) {
  if (bits.width)
    block[bits.byte] |= uint8_t((value & ((1 << bits.width) - 1)) << bits.shift);
}
constexpr void write(uint8_t *block, Stored place, uint8_t value) {
  value = uint8_t(value + place.bias);
  write(block, place.low, value);
  write(block, place.high, uint8_t(value >> place.low.width));
}

/// The values of a block's parts.
void valuesOfParts(const BlockForm &form, uint32_t elements, const BlockParts &parts, float *values);
/// The parts of a block that holds about these values; Encode.cpp says by which rule.
void partsOfValues(const BlockForm &form, uint32_t elements, const float *values, BlockParts &parts);

template <typename F> struct FormCodec {
  static constexpr bool hasHalf = F::form.scale != SpanScale::exponents;
  static constexpr bool hasScales = F::form.scale != SpanScale::whole;
  static constexpr bool hasSecondHalf = F::form.minimum != SpanMinimum::none;
  static constexpr bool hasMinima = F::form.minimum == SpanMinimum::bytes;
  static constexpr uint32_t spans = F::elements / F::form.span;

  static void split(const uint8_t *block, BlockParts &parts) {
    parts.scale = parts.minimum = 0;
    for (uint32_t e = 0; e < F::elements; ++e)
      parts.integers[e] = read(block, F::integer(e));
    if constexpr (hasHalf)
      std::memcpy(&parts.scale, block + F::half, 2);
    if constexpr (hasSecondHalf)
      std::memcpy(&parts.minimum, block + F::secondHalf, 2);
    if constexpr (hasScales)
      for (uint32_t s = 0; s < spans; ++s)
        parts.scales[s] = read(block, F::scale(s));
    if constexpr (hasMinima)
      for (uint32_t s = 0; s < spans; ++s)
        parts.minima[s] = read(block, F::minimum(s));
  }

  static void join(const BlockParts &parts, uint8_t *block) {
    std::memset(block, 0, F::bytes);
    for (uint32_t e = 0; e < F::elements; ++e)
      write(block, F::integer(e), parts.integers[e]);
    if constexpr (hasHalf)
      std::memcpy(block + F::half, &parts.scale, 2);
    if constexpr (hasSecondHalf)
      std::memcpy(block + F::secondHalf, &parts.minimum, 2);
    if constexpr (hasScales)
      for (uint32_t s = 0; s < spans; ++s)
        write(block, F::scale(s), parts.scales[s]);
    if constexpr (hasMinima)
      for (uint32_t s = 0; s < spans; ++s)
        write(block, F::minimum(s), parts.minima[s]);
  }

  static void decode(const uint8_t *block, float *values) {
    BlockParts parts;
    split(block, parts);
    valuesOfParts(F::form, F::elements, parts, values);
  }

  static void encode(const float *values, uint8_t *block) {
    BlockParts parts;
    partsOfValues(F::form, F::elements, values, parts);
    join(parts, block);
  }
};

template <typename F> constexpr BlockCodec codecOf(llvm::StringLiteral name, int32_t ggmlType) {
  using Codec = FormCodec<F>;
  return {name, ggmlType, F::elements, F::bytes, Codec::decode, Codec::encode, &F::form, Codec::split};
}

/// Nibbles as the formats of 32 elements keep them: byte j has element j in its low half and element j + 16 in its high half.
constexpr Bits nibble(uint32_t e, uint32_t first) {
  return {uint16_t(first + e % 16), uint8_t(e / 16 * 4), 4};
}
/// One bit for each element, eight to a byte.
constexpr Bits bit(uint32_t e, uint32_t first) {
  return {uint16_t(first + e / 8), uint8_t(e % 8), 1};
}
/// Two bits for each element of 256: a byte has elements that are 32 apart.
constexpr Bits quarter(uint32_t e, uint32_t first) {
  return {uint16_t(first + e / 128 * 32 + e % 32), uint8_t(e / 32 % 4 * 2), 2};
}
/// Nibbles of 256 elements: a byte has elements that are 32 apart.
constexpr Bits wideNibble(uint32_t e, uint32_t first) {
  return {uint16_t(first + e / 64 * 32 + e % 32), uint8_t(e / 32 % 2 * 4), 4};
}
/// One bit for each element of 256: a byte has elements that are 32 apart.
constexpr Bits wideBit(uint32_t e, uint32_t first) {
  return {uint16_t(first + e % 32), uint8_t(e / 32), 1};
}

/// Eight scales and eight minima of six bits in twelve bytes: the first four of each in the low bits of their own bytes, the others in
/// nibbles of the last four bytes and the bytes' upper bits.
constexpr Stored sixBitScale(uint32_t s, uint32_t first) {
  if (s < 4)
    return {{uint16_t(first + s), 0, 6}};
  return {{uint16_t(first + 4 + s), 0, 4}, {uint16_t(first + s - 4), 6, 2}};
}
constexpr Stored sixBitMinimum(uint32_t s, uint32_t first) {
  if (s < 4)
    return {{uint16_t(first + 4 + s), 0, 6}};
  return {{uint16_t(first + 4 + s), 4, 4}, {uint16_t(first + s), 6, 2}};
}

/// What the 16 integers of iq4_nl and iq4_xs stand for, plus 128.
inline constexpr uint8_t unevenNumbers[16] = {1, 24, 45, 63, 79, 93, 106, 118, 129, 141, 153, 166, 181, 197, 217, 241};
/// Twice the floats of a sign, two bits of exponent and one of fraction, plus 12.
inline constexpr uint8_t tinyFloats[16] = {12, 13, 14, 15, 16, 18, 20, 24, 12, 11, 10, 9, 8, 6, 4, 0};

} // namespace tenon::codec
