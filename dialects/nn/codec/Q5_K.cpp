//===- Q5_K.cpp - 256 weights in 5 bits, scales and minima of 32 ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// d, m (halfs), 12 bytes of scales and minima in six bits, 32 bytes of fifth bits, 128 bytes of nibbles. The value is
// d * s * q - m * n.

#include "tenon/dialects/nn/codec/Codecs.h"
#include "tenon/dialects/nn/codec/FormCodec.h"

using namespace tenon;
using namespace tenon::codec;

namespace {
struct Q5_K {
  static constexpr uint32_t elements = 256, bytes = 176;
  static constexpr BlockForm form = {
      .bits = 5, .zeroPoint = 0, .span = 32, .scale = SpanScale::bytes, .minimum = SpanMinimum::bytes, .scaleBits = 6};
  static constexpr uint32_t half = 0, secondHalf = 2;
  static constexpr Stored integer(uint32_t e) { return {wideNibble(e, 48), wideBit(e, 16)}; }
  static constexpr Stored scale(uint32_t s) { return sixBitScale(s, 4); }
  static constexpr Stored minimum(uint32_t s) { return sixBitMinimum(s, 4); }
};
} // namespace

constinit const BlockCodec codec::q5_k = codecOf<Q5_K>("q5_k", 13);
