//===- Q4_1.cpp - 32 weights in 4 bits with a scale and a minimum ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// d, m (halfs), 16 bytes of nibbles. The value is d * q + m.

#include "tenon/dialects/nn/codec/Codecs.h"
#include "tenon/dialects/nn/codec/FormCodec.h"

using namespace tenon;
using namespace tenon::codec;

namespace {
struct Q4_1 {
  static constexpr uint32_t elements = 32, bytes = 20;
  static constexpr BlockForm form = {.bits = 4, .zeroPoint = 0, .span = 32, .minimum = SpanMinimum::whole};
  static constexpr uint32_t half = 0, secondHalf = 2;
  static constexpr Stored integer(uint32_t e) { return {nibble(e, 4)}; }
};
} // namespace

constinit const BlockCodec codec::q4_1 = codecOf<Q4_1>("q4_1", 3);
