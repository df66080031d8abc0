//===- Half.h - half-precision numbers as stored bytes ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Conversions between float and IEEE binary16 by integer arithmetic: the same bits on every host, whether or
// not its instructions have the format.

#pragma once

#include <bit>
#include <cstdint>

namespace tenon::codec {

/// The float with the value of a half's bits. Exact; the payload of a NaN is kept.
inline float halfToFloat(uint16_t half) {
  uint32_t sign = uint32_t(half & 0x8000) << 16;
  uint32_t exponent = (half >> 10) & 0x1f;
  uint32_t fraction = half & 0x3ff;
  if (exponent == 0x1f) // infinity and NaN
    return std::bit_cast<float>(sign | 0x7f800000 | fraction << 13);
  if (exponent != 0) // normal: rebias the exponent from 15 to 127
    return std::bit_cast<float>(sign | (exponent + 112) << 23 | fraction << 13);
  float magnitude = float(fraction) * 0x1p-24f; // subnormal or zero: exact in float
  return std::bit_cast<float>(sign | std::bit_cast<uint32_t>(magnitude));
}

/// The bits of the half nearest to a float, ties to even; too large a magnitude becomes infinity.
inline uint16_t floatToHalf(float value) {
  uint32_t bits = std::bit_cast<uint32_t>(value);
  uint16_t sign = uint16_t(bits >> 16 & 0x8000);
  uint32_t magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) // NaN: keep the leading payload bits, stay a NaN
    return sign | 0x7e00 | uint16_t(magnitude >> 13 & 0x1ff);
  if (magnitude >= 0x477ff000) // 65520 and more round to infinity
    return sign | 0x7c00;
  if (magnitude < 0x38800000) { // below 2^-14: subnormal, counted in units of 2^-24
    // Adding 0.5 puts the unit of the sum's last bit at 2^-24, so that the addition itself rounds.
    float sum = std::bit_cast<float>(magnitude) + 0.5f;
    return sign | uint16_t(std::bit_cast<uint32_t>(sum) - 0x3f000000);
  }
  uint32_t odd = magnitude >> 13 & 1;
  return sign | uint16_t((magnitude - (112u << 23) + 0xfff + odd) >> 13);
}

/// Reads a little-endian half, which need not be aligned.
inline float readHalf(const uint8_t *bytes) {
  return halfToFloat(uint16_t(bytes[0] | bytes[1] << 8));
}

/// Writes a float rounded to a little-endian half, which need not be aligned.
inline void writeHalf(float value, uint8_t *bytes) {
  uint16_t half = floatToHalf(value);
  bytes[0] = uint8_t(half);
  bytes[1] = uint8_t(half >> 8);
}

} // namespace tenon::codec
