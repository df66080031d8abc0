//===- Q4_0.cpp - 32 weights in 4 bits with a scale ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// d (half), 16 bytes of nibbles. The value is d * (q - 8).

#include "tenon/dialects/nn/codec/Codecs.h"
#include "tenon/dialects/nn/codec/FormCodec.h"

using namespace tenon;
using namespace tenon::codec;

namespace {
struct Q4_0 {
  static constexpr uint32_t elements = 32, bytes = 18;
  static constexpr BlockForm form = {.bits = 4, .zeroPoint = 8, .span = 32};
  static constexpr uint32_t half = 0;
  static constexpr Stored integer(uint32_t e) { return {nibble(e, 2)}; }
};
} // namespace

constinit const BlockCodec codec::q4_0 = codecOf<Q4_0>("q4_0", 2);
