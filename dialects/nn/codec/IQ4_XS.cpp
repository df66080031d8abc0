//===- IQ4_XS.cpp - 256 weights among 16 uneven numbers, scales of 32 ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// d (half), 2 bytes of the scales' upper two bits, 4 bytes of their low nibbles, 128 bytes of nibbles. The value is
// d * (s - 32) * table[q].

#include "tenon/dialects/nn/codec/Codecs.h"
#include "tenon/dialects/nn/codec/FormCodec.h"

using namespace tenon;
using namespace tenon::codec;

namespace {
struct IQ4_XS {
  static constexpr uint32_t elements = 256, bytes = 136;
  static constexpr BlockForm form = {
      .bits = 4, .zeroPoint = 128, .span = 32, .scale = SpanScale::signedBytes, .table = unevenNumbers, .scaleBits = 6};
  static constexpr uint32_t half = 0;
  static constexpr Stored integer(uint32_t e) { return {nibble(e % 32, 8 + e / 32 * 16)}; }
  static constexpr Stored scale(uint32_t s) {
    return {{uint16_t(4 + s / 2), uint8_t(s % 2 * 4), 4}, {uint16_t(2 + s / 4), uint8_t(s % 4 * 2), 2}, 32};
  }
};
} // namespace

constinit const BlockCodec codec::iq4_xs = codecOf<IQ4_XS>("iq4_xs", 23);
