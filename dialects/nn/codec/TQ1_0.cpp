//===- TQ1_0.cpp - 256 weights of -1, 0 and 1 in base 3 with a scale ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// 48 bytes of five digits, 4 bytes of four digits, d (half). The value is d * (q - 1). A byte is its digits as a fraction of base 3
// (0.abcde), times 256 and rounded up: multiplying it by 3^n moves digit n in front of the point.

#include "tenon/dialects/nn/codec/Codecs.h"
#include "tenon/dialects/nn/codec/FormCodec.h"

using namespace tenon;
using namespace tenon::codec;

static constexpr uint32_t elements = 256, bytes = 54, half = 52;
static constexpr BlockForm form = {.bits = 2, .zeroPoint = 1, .span = 256};
static constexpr uint32_t powers[] = {1, 3, 9, 27, 81, 243};

namespace {
struct Digit {
  uint32_t byte, place;
};
} // namespace

/// Three runs of bytes, of 32, 16 and 4; elements go through a run's bytes place by place.
static constexpr Digit digitOf(uint32_t e) {
  if (e < 160)
    return {e % 32, e / 32};
  if (e < 240)
    return {32 + e % 16, (e - 160) / 16};
  return {48 + e % 4, (e - 240) / 4};
}

static void split(const uint8_t *block, BlockParts &parts) {
  for (uint32_t e = 0; e < elements; ++e) {
    Digit digit = digitOf(e);
    parts.integers[e] = uint8_t((block[digit.byte] * powers[digit.place] & 0xff) * 3 >> 8);
  }
  std::memcpy(&parts.scale, block + half, 2);
}

static void join(const BlockParts &parts, uint8_t *block) {
  uint32_t numbers[half] = {};
  for (uint32_t e = 0; e < elements; ++e) {
    Digit digit = digitOf(e);
    numbers[digit.byte] += parts.integers[e] * powers[4 - digit.place];
  }
  for (uint32_t i = 0; i < half; ++i)
    block[i] = uint8_t((numbers[i] * 256 + 242) / 243);
  std::memcpy(block + half, &parts.scale, 2);
}

static void decode(const uint8_t *block, float *values) {
  BlockParts parts;
  split(block, parts);
  valuesOfParts(form, elements, parts, values);
}

static void encode(const float *values, uint8_t *block) {
  BlockParts parts;
  partsOfValues(form, elements, values, parts);
  join(parts, block);
}

constinit const BlockCodec codec::tq1_0 = {"tq1_0", 34, elements, bytes, decode, encode, &form, split};
