//===- Q5_0.cpp - 32 weights in 5 bits with a scale ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// d (half), 4 bytes of fifth bits, 16 bytes of nibbles. The value is d * (q - 16).

#include "tenon/dialects/nn/codec/Codecs.h"
#include "tenon/dialects/nn/codec/FormCodec.h"

using namespace tenon;
using namespace tenon::codec;

namespace {
struct Q5_0 {
  static constexpr uint32_t elements = 32, bytes = 22;
  static constexpr BlockForm form = {.bits = 5, .zeroPoint = 16, .span = 32};
  static constexpr uint32_t half = 0;
  static constexpr Stored integer(uint32_t e) { return {nibble(e, 6), bit(e, 2)}; }
};
} // namespace

constinit const BlockCodec codec::q5_0 = codecOf<Q5_0>("q5_0", 6);
