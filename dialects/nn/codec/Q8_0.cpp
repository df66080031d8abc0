//===- Q8_0.cpp - 32 weights or activations in 8 bits with a scale ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// d (half), 32 signed bytes. The value is d * q. Encoding divides by the scale before it is rounded to a
// half. Activations are rounded by the same rule: a8 is this format under the name by which the IR tells
// activations from weights.

#include "tenon/dialects/nn/codec/Codecs.h"
#include "tenon/dialects/nn/codec/Half.h"
#include "tenon/dialects/nn/codec/Rounding.h"

#pragma clang fp contract(off)

using namespace tenon;
using namespace tenon::codec;

static void decode(const uint8_t *block, float *values) {
  float scale = readHalf(block);
  for (int j = 0; j < 32; ++j)
    values[j] = float(int8_t(block[2 + j])) * scale;
}

static void encode(const float *values, uint8_t *block) {
  float scale = largestMagnitude(values, 32) / 127;
  float inverse = reciprocal(scale);
  writeHalf(scale, block);
  for (int j = 0; j < 32; ++j)
    block[2 + j] = uint8_t(roundWithin(values[j] * inverse, 127));
}

constinit const BlockCodec codec::q8_0 = {"q8_0", 8, 32, 34, decode, encode};
constinit const BlockCodec codec::a8 = {"a8", -1, 32, 34, decode, encode};
