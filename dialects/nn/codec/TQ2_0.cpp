//===- TQ2_0.cpp - 256 weights of -1, 0 and 1 in 2 bits with a scale ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// 64 bytes of two bits, d (half). The value is d * (q - 1).

#include "tenon/dialects/nn/codec/Codecs.h"
#include "tenon/dialects/nn/codec/FormCodec.h"

using namespace tenon;
using namespace tenon::codec;

namespace {
struct TQ2_0 {
  static constexpr uint32_t elements = 256, bytes = 66;
  static constexpr BlockForm form = {.bits = 2, .zeroPoint = 1, .span = 256};
  static constexpr uint32_t half = 64;
  static constexpr Stored integer(uint32_t e) { return {quarter(e, 0)}; }
};
} // namespace

constinit const BlockCodec codec::tq2_0 = codecOf<TQ2_0>("tq2_0", 35);
