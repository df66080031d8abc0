//===- ElementFormat.cpp - the formats of elements in files ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/nn/stored/ElementFormat.h"

#include "tenon/dialects/nn/codec/Half.h"
#include "llvm/Support/Endian.h"

#include <bit>
#include <cmath>
#include <limits>

using namespace tenon;
using llvm::support::endian::read16le;
using llvm::support::endian::read32le;
using llvm::support::endian::read64le;

namespace {
/// The values of integers: `read` gives one.
template <typename Integer> void decodeIntegers(const uint8_t *stored, int64_t count, float *values) {
  for (int64_t i = 0; i < count; ++i)
    values[i] = float(llvm::support::endian::read<Integer, llvm::endianness::little>(stored + i * sizeof(Integer)));
}

void decodeF64(const uint8_t *stored, int64_t count, float *values) {
  for (int64_t i = 0; i < count; ++i)
    values[i] = float(std::bit_cast<double>(read64le(stored + 8 * i)));
}

void decodeF32(const uint8_t *stored, int64_t count, float *values) {
  for (int64_t i = 0; i < count; ++i)
    values[i] = std::bit_cast<float>(read32le(stored + 4 * i));
}

void decodeF16(const uint8_t *stored, int64_t count, float *values) {
  for (int64_t i = 0; i < count; ++i)
    values[i] = codec::halfToFloat(read16le(stored + 2 * i));
}

void decodeBF16(const uint8_t *stored, int64_t count, float *values) {
  for (int64_t i = 0; i < count; ++i)
    values[i] = std::bit_cast<float>(uint32_t(read16le(stored + 2 * i)) << 16);
}

/// Four bits of exponent with bias 7 and three of fraction; no infinity, all ones is not a number.
float tinyE4M3(uint8_t byte) {
  uint32_t exponent = byte >> 3 & 15, fraction = byte & 7;
  float magnitude = exponent == 15 && fraction == 7 ? std::numeric_limits<float>::quiet_NaN()
                    : exponent == 0                 ? std::ldexp(float(fraction), -9)
                                                    : std::ldexp(float(8 + fraction), int(exponent) - 10);
  return byte & 0x80 ? -magnitude : magnitude;
}

void decodeE4M3(const uint8_t *stored, int64_t count, float *values) {
  for (int64_t i = 0; i < count; ++i)
    values[i] = tinyE4M3(stored[i]);
}

/// The upper byte of a half.
void decodeE5M2(const uint8_t *stored, int64_t count, float *values) {
  for (int64_t i = 0; i < count; ++i)
    values[i] = codec::halfToFloat(uint16_t(stored[i] << 8));
}

/// A power of two alone; all ones is not a number.
void decodeE8M0(const uint8_t *stored, int64_t count, float *values) {
  for (int64_t i = 0; i < count; ++i)
    values[i] = stored[i] == 255 ? std::numeric_limits<float>::quiet_NaN() : std::ldexp(1.0f, int(stored[i]) - 127);
}

void encodeF32(const float *values, int64_t count, uint8_t *stored) {
  for (int64_t i = 0; i < count; ++i)
    llvm::support::endian::write32le(stored + 4 * i, std::bit_cast<uint32_t>(values[i]));
}

void encodeF16(const float *values, int64_t count, uint8_t *stored) {
  for (int64_t i = 0; i < count; ++i)
    llvm::support::endian::write16le(stored + 2 * i, codec::floatToHalf(values[i]));
}

/// Ties to even; what is not a number stays one.
void encodeBF16(const float *values, int64_t count, uint8_t *stored) {
  for (int64_t i = 0; i < count; ++i) {
    uint32_t bits = std::bit_cast<uint32_t>(values[i]);
    uint32_t rounded = std::isnan(values[i]) ? bits >> 16 | 0x40 : (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
    llvm::support::endian::write16le(stored + 2 * i, uint16_t(rounded));
  }
}
} // namespace

const ElementFormat::Row ElementFormat::rows[] = {
    {"f32", 4, decodeF32, encodeF32},
    {"f16", 2, decodeF16, encodeF16},
    {"bf16", 2, decodeBF16, encodeBF16},
    {"f64", 8, decodeF64, nullptr},
    {"f8_e4m3", 1, decodeE4M3, nullptr},
    {"f8_e5m2", 1, decodeE5M2, nullptr},
    {"f8_e8m0", 1, decodeE8M0, nullptr},
    {"i64", 8, decodeIntegers<int64_t>, nullptr},
    {"i32", 4, decodeIntegers<int32_t>, nullptr},
    {"i16", 2, decodeIntegers<int16_t>, nullptr},
    {"i8", 1, decodeIntegers<int8_t>, nullptr},
    {"u8", 1, decodeIntegers<uint8_t>, nullptr},
    {"bool", 1, decodeIntegers<uint8_t>, nullptr},
};

std::optional<ElementFormat> ElementFormat::find(llvm::StringRef name) {
  ElementFormat format;
  for (const Row &row : rows)
    if (row.name == name) {
      format.formatName = row.name;
      format.bytes = row.bytes;
      format.row = &row;
      return format;
    }
  format.codec = findBlockCodec(name);
  if (!format.codec)
    return std::nullopt;
  format.formatName = format.codec->name;
  format.elements = format.codec->blockElements;
  format.bytes = format.codec->blockBytes;
  return format;
}

bool ElementFormat::isParameterFormat() const {
  return codec ? codec->ggmlType >= 0 : row->encode != nullptr;
}

void ElementFormat::decode(const uint8_t *stored, int64_t count, float *values) const {
  if (!codec)
    return row->decode(stored, count, values);
  for (int64_t i = 0; i < count / elements; ++i)
    codec->decode(stored + i * bytes, values + i * elements);
}

void ElementFormat::encode(const float *values, int64_t count, uint8_t *stored) const {
  if (!codec)
    return row->encode(values, count, stored);
  for (int64_t i = 0; i < count / elements; ++i)
    codec->encode(values + i * elements, stored + i * bytes);
}

int64_t ElementFormat::integer(const uint8_t *stored) const {
  if (formatName == "i64")
    return int64_t(read64le(stored));
  if (formatName == "i32")
    return int32_t(read32le(stored));
  if (formatName == "i16")
    return int16_t(read16le(stored));
  if (formatName == "i8")
    return int8_t(*stored);
  return formatName == "u8" ? *stored : 0;
}
