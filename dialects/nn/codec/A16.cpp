//===- A16.cpp - 32 activations in two planes of 8 bits ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// d (float), 32 signed bytes hi, 32 signed bytes lo. The value is d * q with q = 256 * hi + lo. |q| is at
// most 32512 = 127 * 256, so that hi never overflows when lo is negative; d = amax / 32512 stays a float.

#include "tenon/dialects/nn/codec/Codecs.h"
#include "tenon/dialects/nn/codec/Rounding.h"

#include <bit>

#pragma clang fp contract(off)

using namespace tenon;
using namespace tenon::codec;

static constexpr int32_t limit = 127 * 256;

static void decode(const uint8_t *block, float *values) {
  uint32_t bits = block[0] | block[1] << 8 | block[2] << 16 | uint32_t(block[3]) << 24;
  float scale = std::bit_cast<float>(bits);
  for (int j = 0; j < 32; ++j)
    values[j] = float(256 * int8_t(block[4 + j]) + int8_t(block[36 + j])) * scale;
}

static void encode(const float *values, uint8_t *block) {
  float scale = largestMagnitude(values, 32) / float(limit);
  uint32_t bits = std::bit_cast<uint32_t>(scale);
  for (int i = 0; i < 4; ++i)
    block[i] = uint8_t(bits >> 8 * i);
  for (int j = 0; j < 32; ++j) {
    int32_t q = scale != 0 ? roundWithin(values[j] / scale, limit) : 0;
    int32_t low = int8_t(q); // the residue of q in [-128, 127]
    block[4 + j] = uint8_t((q - low) / 256);
    block[36 + j] = uint8_t(low);
  }
}

constinit const BlockCodec codec::a16 = {"a16", -1, 32, 68, decode, encode};
