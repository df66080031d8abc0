//===- IQ4_NL.cpp - 32 weights among 16 uneven numbers, with a scale ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// d (half), 16 bytes of nibbles. The value is d * table[q].

#include "tenon/dialects/nn/codec/Codecs.h"
#include "tenon/dialects/nn/codec/FormCodec.h"

using namespace tenon;
using namespace tenon::codec;

namespace {
struct IQ4_NL {
  static constexpr uint32_t elements = 32, bytes = 18;
  static constexpr BlockForm form = {.bits = 4, .zeroPoint = 128, .span = 32, .table = unevenNumbers};
  static constexpr uint32_t half = 0;
  static constexpr Stored integer(uint32_t e) { return {nibble(e, 2)}; }
};
} // namespace

constinit const BlockCodec codec::iq4_nl = codecOf<IQ4_NL>("iq4_nl", 20);
