//===- Q4_0.cpp - 32 weights in 4 bits with a scale ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// d (half), 16 bytes: the low nibble of byte j is element j, the high nibble element j + 16. The value is
// d * (q - 8). Encoding maps the value of largest magnitude, whatever its sign, to q = 0.

#include "tenon/dialects/nn/codec/Codecs.h"
#include "tenon/dialects/nn/codec/Half.h"
#include "tenon/dialects/nn/codec/Rounding.h"

#pragma clang fp contract(off)

using namespace tenon;
using namespace tenon::codec;

static void decode(const uint8_t *block, float *values) {
  float scale = readHalf(block);
  const uint8_t *nibbles = block + 2;
  for (int j = 0; j < 16; ++j) {
    values[j] = scale * float((nibbles[j] & 15) - 8);
    values[j + 16] = scale * float((nibbles[j] >> 4) - 8);
  }
}

static void encode(const float *values, uint8_t *block) {
  float extreme = 0;
  for (int j = 0; j < 32; ++j)
    if (std::fabs(values[j]) > std::fabs(extreme))
      extreme = values[j];
  float scale = extreme / -8;
  float inverse = reciprocal(scale);
  writeHalf(scale, block);
  for (int j = 0; j < 16; ++j) {
    int32_t low = truncateWithin(values[j] * inverse + 8.5f, 15);
    int32_t high = truncateWithin(values[j + 16] * inverse + 8.5f, 15);
    block[2 + j] = uint8_t(low | high << 4);
  }
}

constinit const BlockCodec codec::q4_0 = {"q4_0", 2, 32, 18, decode, encode};
