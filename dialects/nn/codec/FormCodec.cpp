//===- FormCodec.cpp - the values of a block taken apart ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Every step but the addition of a minimum is exact in f32: a half has 11 bits, a span's byte and an integer at most 7 and 6, 8 and 5, or
// 6 and 7.

#include "tenon/dialects/nn/codec/FormCodec.h"
#include "tenon/dialects/nn/codec/Half.h"

#pragma clang fp contract(off)

using namespace tenon;
using namespace tenon::codec;

/// Two to the power of `exponent` - 128, which is subnormal for 0 and 1.
static float powerOfTwo(uint8_t exponent) {
  return std::bit_cast<float>(exponent < 2 ? uint32_t(0x200000) << exponent : uint32_t(exponent - 1) << 23);
}

static float scaleOf(const BlockForm &form, const BlockParts &parts, uint32_t span) {
  switch (form.scale) {
  case SpanScale::whole:
    return halfToFloat(parts.scale);
  case SpanScale::bytes:
    return halfToFloat(parts.scale) * float(parts.scales[span]);
  case SpanScale::signedBytes:
    return halfToFloat(parts.scale) * float(int8_t(parts.scales[span]));
  case SpanScale::exponents:
    return powerOfTwo(parts.scales[span]);
  }
}

void codec::valuesOfParts(const BlockForm &form, uint32_t elements, const BlockParts &parts, float *values) {
  for (uint32_t span = 0; span * form.span < elements; ++span) {
    float scale = scaleOf(form, parts, span), minimum = halfToFloat(parts.minimum);
    if (form.minimum == SpanMinimum::bytes)
      minimum = -(minimum * float(parts.minima[span]));
    for (uint32_t e = span * form.span, end = e + form.span; e < end; ++e) {
      int32_t integer = form.table ? form.table[parts.integers[e]] : parts.integers[e];
      float product = scale * float(integer - form.zeroPoint);
      values[e] = form.minimum == SpanMinimum::none ? product : product + minimum;
    }
  }
}
