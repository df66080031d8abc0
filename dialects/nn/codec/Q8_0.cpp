//===- Q8_0.cpp - 32 weights in 8 bits with a scale ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// d (half), 32 signed bytes. The value is d * q. Activations are rounded by the same rule: a8 is this format under the name by which the
// IR tells activations from weights.

#include "tenon/dialects/nn/codec/Codecs.h"
#include "tenon/dialects/nn/codec/FormCodec.h"

using namespace tenon;
using namespace tenon::codec;

namespace {
struct Q8_0 {
  static constexpr uint32_t elements = 32, bytes = 34;
  static constexpr BlockForm form = {.bits = 8, .zeroPoint = 128, .span = 32};
  static constexpr uint32_t half = 0;
  static constexpr Stored integer(uint32_t e) { return {{uint16_t(2 + e), 0, 8}, {}, 128}; }
};
} // namespace

constinit const BlockCodec codec::q8_0 = codecOf<Q8_0>("q8_0", 8);
constinit const BlockCodec codec::a8 = {"a8", -1, 32, 34, FormCodec<Q8_0>::decode, FormCodec<Q8_0>::encode};
