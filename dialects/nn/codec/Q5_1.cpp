//===- Q5_1.cpp - 32 weights in 5 bits with a scale and a minimum ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// d, m (halfs), 4 bytes of fifth bits, 16 bytes of nibbles. The value is d * q + m.

#include "tenon/dialects/nn/codec/Codecs.h"
#include "tenon/dialects/nn/codec/FormCodec.h"

using namespace tenon;
using namespace tenon::codec;

namespace {
struct Q5_1 {
  static constexpr uint32_t elements = 32, bytes = 24;
  static constexpr BlockForm form = {.bits = 5, .zeroPoint = 0, .span = 32, .minimum = SpanMinimum::whole};
  static constexpr uint32_t half = 0, secondHalf = 2;
  static constexpr Stored integer(uint32_t e) { return {nibble(e, 8), bit(e, 4)}; }
};
} // namespace

constinit const BlockCodec codec::q5_1 = codecOf<Q5_1>("q5_1", 7);
