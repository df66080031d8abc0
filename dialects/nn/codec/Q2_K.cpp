//===- Q2_K.cpp - 256 weights in 2 bits, scales and minima of 16 ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// 16 bytes: the scale of a span in the low nibble, its minimum in the high one; 64 bytes of two bits; d, m (halfs). The value is
// d * s * q - m * n.

#include "tenon/dialects/nn/codec/Codecs.h"
#include "tenon/dialects/nn/codec/FormCodec.h"

using namespace tenon;
using namespace tenon::codec;

namespace {
struct Q2_K {
  static constexpr uint32_t elements = 256, bytes = 84;
  static constexpr BlockForm form = {
      .bits = 2, .zeroPoint = 0, .span = 16, .scale = SpanScale::bytes, .minimum = SpanMinimum::bytes, .scaleBits = 4};
  static constexpr uint32_t half = 80, secondHalf = 82;
  static constexpr Stored integer(uint32_t e) { return {quarter(e, 16)}; }
  static constexpr Stored scale(uint32_t s) { return {{uint16_t(s), 0, 4}}; }
  static constexpr Stored minimum(uint32_t s) { return {{uint16_t(s), 4, 4}}; }
};
} // namespace

constinit const BlockCodec codec::q2_k = codecOf<Q2_K>("q2_k", 10);
