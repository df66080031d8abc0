//===- MXFP4.cpp - 32 weights of 4-bit floats with a power of two ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// e (byte), 16 bytes of nibbles. The value is 2^(e - 128) * table[q], the table twice the numbers of a float with two bits of exponent and
// one of fraction.

#include "tenon/dialects/nn/codec/Codecs.h"
#include "tenon/dialects/nn/codec/FormCodec.h"

using namespace tenon;
using namespace tenon::codec;

namespace {
struct MXFP4 {
  static constexpr uint32_t elements = 32, bytes = 17;
  static constexpr BlockForm form = {
      .bits = 4, .zeroPoint = 12, .span = 32, .scale = SpanScale::exponents, .table = tinyFloats, .scaleBits = 8};
  static constexpr Stored integer(uint32_t e) { return {nibble(e, 1)}; }
  static constexpr Stored scale(uint32_t) { return {{0, 0, 8}}; }
};
} // namespace

constinit const BlockCodec codec::mxfp4 = codecOf<MXFP4>("mxfp4", 39);
