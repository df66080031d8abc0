//===- Q6_K.cpp - 256 weights in 6 bits, scales of 16 ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// 128 bytes of low nibbles (a byte has elements that are 64 apart), 64 bytes of upper two bits, 16 signed bytes of scales, d (half). The
// value is d * s * (q - 32).

#include "tenon/dialects/nn/codec/Codecs.h"
#include "tenon/dialects/nn/codec/FormCodec.h"

using namespace tenon;
using namespace tenon::codec;

namespace {
struct Q6_K {
  static constexpr uint32_t elements = 256, bytes = 210;
  static constexpr BlockForm form = {.bits = 6, .zeroPoint = 32, .span = 16, .scale = SpanScale::signedBytes, .scaleBits = 8};
  static constexpr uint32_t half = 208;
  static constexpr Stored integer(uint32_t e) { return {{uint16_t(e / 128 * 64 + e % 64), uint8_t(e / 64 % 2 * 4), 4}, quarter(e, 128)}; }
  static constexpr Stored scale(uint32_t s) { return {{uint16_t(192 + s), 0, 8}}; }
};
} // namespace

constinit const BlockCodec codec::q6_k = codecOf<Q6_K>("q6_k", 14);
