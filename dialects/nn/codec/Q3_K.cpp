//===- Q3_K.cpp - 256 weights in 3 bits, scales of 16 ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// 32 bytes of third bits, 64 bytes of two bits, 12 bytes of scales (8 of low nibbles, 4 of upper two bits), d (half). The value is
// d * (s - 32) * (q - 4).

#include "tenon/dialects/nn/codec/Codecs.h"
#include "tenon/dialects/nn/codec/FormCodec.h"

using namespace tenon;
using namespace tenon::codec;

namespace {
struct Q3_K {
  static constexpr uint32_t elements = 256, bytes = 110;
  static constexpr BlockForm form = {.bits = 3, .zeroPoint = 4, .span = 16, .scale = SpanScale::signedBytes, .scaleBits = 6};
  static constexpr uint32_t half = 108;
  static constexpr Stored integer(uint32_t e) { return {quarter(e, 32), wideBit(e, 0)}; }
  static constexpr Stored scale(uint32_t s) {
    return {{uint16_t(96 + s % 8), uint8_t(s / 8 * 4), 4}, {uint16_t(104 + s % 4), uint8_t(s / 4 * 2), 2}, 32};
  }
};
} // namespace

constinit const BlockCodec codec::q3_k = codecOf<Q3_K>("q3_k", 11);
