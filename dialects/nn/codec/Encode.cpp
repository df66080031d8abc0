//===- Encode.cpp - values to the parts of a block ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Plain rules, without a search for the least error. Each span gets a scale and a minimum of its own in f32:
//
//   no minimum    the value of largest magnitude, whatever its sign, becomes the integer 0, which stands for -zeroPoint times the scale; in
//                 8 and in 2 bits of -1, 0 and 1 the largest magnitude becomes the largest integer
//   a minimum     [least, greatest] is spread over all integers; when minima are bytes, least is at most 0
//   a table       the value of largest magnitude becomes the table's number of largest magnitude; exponents are those of that value, so
//                 that it lies within the table
//
// When scales (minima) are bytes, the half is what makes the largest of them the largest byte, and the others are rounded to theirs. Then
// each integer is the nearest: with scales that are halfs by the scale before it is rounded, otherwise by what the file will say.

#include "tenon/dialects/nn/codec/FormCodec.h"
#include "tenon/dialects/nn/codec/Half.h"
#include "tenon/dialects/nn/codec/Rounding.h"

#include <algorithm>

#pragma clang fp contract(off)

using namespace tenon;
using namespace tenon::codec;

namespace {
/// The affine rule of a span: value = scale * number + minimum.
struct Rule {
  float scale = 0, minimum = 0;
};
} // namespace

/// The first value of largest magnitude, with its sign.
static float extremeOf(const float *values, uint32_t count) {
  float extreme = 0;
  for (uint32_t i = 0; i < count; ++i)
    if (std::fabs(values[i]) > std::fabs(extreme))
      extreme = values[i];
  return extreme;
}

static int32_t largestInteger(const BlockForm &form) {
  return (1 << form.bits) - 1;
}

/// Whether the largest magnitude becomes the largest integer, and not the value of largest magnitude the least.
static bool isBalanced(const BlockForm &form) {
  return form.bits == 8 || form.zeroPoint == 1;
}

static Rule ruleOf(const BlockForm &form, const float *values) {
  if (form.table)
    return {extremeOf(values, form.span) / float(form.table[0] - form.zeroPoint), 0};
  if (form.minimum == SpanMinimum::none) {
    if (isBalanced(form))
      return {largestMagnitude(values, form.span) / float(form.zeroPoint == 1 ? 1 : 127), 0};
    return {extremeOf(values, form.span) / float(-form.zeroPoint), 0};
  }
  auto [least, greatest] = std::minmax_element(values, values + form.span);
  float minimum = form.minimum == SpanMinimum::bytes ? std::min(*least, 0.0f) : *least;
  return {(*greatest - minimum) / float(largestInteger(form)), minimum};
}

/// The exponent with which the largest magnitude is at most the table's largest number, as far as it has one: 6 = 1.5 * 2^2.
static uint8_t exponentOf(const float *values, uint32_t count) {
  float largest = largestMagnitude(values, count);
  if (!(largest > 0))
    return 0;
  return uint8_t(truncateWithin(float(std::ilogb(largest)) - 2 + 127, 254));
}

/// Rounds the rules' scales to the half of the block and a byte each; the rules become what the block says.
static void roundScales(const BlockForm &form, uint32_t spans, Rule *rules, BlockParts &parts) {
  bool isSigned = form.scale == SpanScale::signedBytes;
  int32_t least = isSigned ? -(1 << (form.scaleBits - 1)) : 0, most = least + (1 << form.scaleBits) - 1;
  float scales[16];
  for (uint32_t s = 0; s < spans; ++s)
    scales[s] = rules[s].scale;
  float step = extremeOf(scales, spans) / float(isSigned ? least : most);
  float inverse = reciprocal(step);
  writeHalf(step, reinterpret_cast<uint8_t *>(&parts.scale));
  for (uint32_t s = 0; s < spans; ++s) {
    int32_t byte = std::clamp(roundWithin(scales[s] * inverse, 255), least, most);
    parts.scales[s] = uint8_t(byte);
    rules[s].scale = halfToFloat(parts.scale) * float(byte);
  }
}

static void roundMinima(const BlockForm &form, uint32_t spans, Rule *rules, BlockParts &parts) {
  int32_t most = (1 << form.scaleBits) - 1;
  float largest = 0;
  for (uint32_t s = 0; s < spans; ++s)
    largest = std::max(largest, -rules[s].minimum);
  float step = largest / float(most), inverse = reciprocal(step);
  writeHalf(step, reinterpret_cast<uint8_t *>(&parts.minimum));
  for (uint32_t s = 0; s < spans; ++s) {
    parts.minima[s] = uint8_t(truncateWithin(-rules[s].minimum * inverse + 0.5f, most));
    rules[s].minimum = -(halfToFloat(parts.minimum) * float(parts.minima[s]));
  }
}

/// The entry of the table nearest to a number, the first of equals.
static uint8_t nearestEntry(const BlockForm &form, float number) {
  uint8_t best = 0;
  for (uint8_t i = 1; i < 16; ++i)
    if (std::fabs(float(form.table[i] - form.zeroPoint) - number) < std::fabs(float(form.table[best] - form.zeroPoint) - number))
      best = i;
  return best;
}

static uint8_t integerOf(const BlockForm &form, float value, const Rule &rule, float inverse) {
  float number = (value - rule.minimum) * inverse;
  if (form.table)
    return nearestEntry(form, number);
  if (isBalanced(form))
    return uint8_t(roundWithin(number, form.zeroPoint == 1 ? 1 : 127) + form.zeroPoint);
  return uint8_t(truncateWithin(number + (float(form.zeroPoint) + 0.5f), largestInteger(form)));
}

void codec::partsOfValues(const BlockForm &form, uint32_t elements, const float *values, BlockParts &parts) {
  parts = {};
  uint32_t spans = elements / form.span;
  Rule rules[16];
  for (uint32_t s = 0; s < spans; ++s)
    rules[s] = ruleOf(form, values + s * form.span);
  if (form.scale == SpanScale::whole)
    writeHalf(rules[0].scale, reinterpret_cast<uint8_t *>(&parts.scale));
  else if (form.scale == SpanScale::exponents)
    for (uint32_t s = 0; s < spans; ++s) {
      parts.scales[s] = exponentOf(values + s * form.span, form.span);
      rules[s].scale = std::ldexp(1.0f, parts.scales[s] - 128);
    }
  else
    roundScales(form, spans, rules, parts);
  if (form.minimum == SpanMinimum::whole)
    writeHalf(rules[0].minimum, reinterpret_cast<uint8_t *>(&parts.minimum));
  else if (form.minimum == SpanMinimum::bytes)
    roundMinima(form, spans, rules, parts);
  for (uint32_t s = 0; s < spans; ++s) {
    float inverse = reciprocal(rules[s].scale);
    for (uint32_t e = s * form.span, end = e + form.span; e < end; ++e)
      parts.integers[e] = integerOf(form, values[e], rules[s], inverse);
  }
}
