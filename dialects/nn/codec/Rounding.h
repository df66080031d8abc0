//===- Rounding.h - how values become small integers ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include <cmath>
#include <cstdint>

namespace tenon::codec {

/// The largest magnitude of `count` values; NaNs are passed over.
inline float largestMagnitude(const float *values, uint32_t count) {
  float largest = 0;
  for (uint32_t i = 0; i < count; ++i)
    if (std::fabs(values[i]) > largest)
      largest = std::fabs(values[i]);
  return largest;
}

/// 1 / scale, or 0 when there is nothing to scale.
inline float reciprocal(float scale) {
  return scale != 0 ? 1 / scale : 0;
}

/// The integer nearest to `value`, halves away from zero, within [-limit, limit]; a NaN becomes 0.
inline int32_t roundWithin(float value, int32_t limit) {
  float rounded = std::round(value);
  if (!(rounded >= float(-limit)))
    return std::isnan(rounded) ? 0 : -limit;
  return rounded > float(limit) ? limit : int32_t(rounded);
}

/// `value` without its fraction, within [0, limit]; a NaN becomes 0.
inline int32_t truncateWithin(float value, int32_t limit) {
  if (!(value >= 0))
    return 0;
  return value > float(limit) ? limit : int32_t(value);
}

} // namespace tenon::codec
