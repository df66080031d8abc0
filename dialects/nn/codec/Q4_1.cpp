//===- Q4_1.cpp - 32 weights in 4 bits with a scale and a minimum ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// d, m (halves), 16 bytes: the low nibble of byte j is element j, the high nibble element j + 16. The value
// is d * q + m. Encoding spreads [min, max] over 0..15.

#include "tenon/dialects/nn/codec/Codecs.h"
#include "tenon/dialects/nn/codec/Half.h"
#include "tenon/dialects/nn/codec/Rounding.h"

#include <algorithm>

#pragma clang fp contract(off)

using namespace tenon;
using namespace tenon::codec;

static void decode(const uint8_t *block, float *values) {
  float scale = readHalf(block);
  float minimum = readHalf(block + 2);
  const uint8_t *nibbles = block + 4;
  for (int j = 0; j < 16; ++j) {
    values[j] = scale * float(nibbles[j] & 15) + minimum;
    values[j + 16] = scale * float(nibbles[j] >> 4) + minimum;
  }
}

static void encode(const float *values, uint8_t *block) {
  auto [minimum, maximum] = std::minmax_element(values, values + 32);
  float scale = (*maximum - *minimum) / 15;
  float inverse = reciprocal(scale);
  writeHalf(scale, block);
  writeHalf(*minimum, block + 2);
  for (int j = 0; j < 16; ++j) {
    int32_t low = truncateWithin((values[j] - *minimum) * inverse + 0.5f, 15);
    int32_t high = truncateWithin((values[j + 16] - *minimum) * inverse + 0.5f, 15);
    block[4 + j] = uint8_t(low | high << 4);
  }
}

constinit const BlockCodec codec::q4_1 = {"q4_1", 3, 32, 20, decode, encode};
