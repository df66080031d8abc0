//===- PositionsImpl.h - rotary frequencies and slopes ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "tenon/frontends/Diagnostics.h"
#include "tenon/frontends/families/Resolve.h"

namespace tenon {

/// What a table of angles is made of: an angle for each pair and step of a position, and what multiplies cosines and sines.
struct RopeAngles {
  std::vector<float> frequencies;
  double scale = 1;
  bool operator==(const RopeAngles &) const = default;
};

/// The angles of a layer with rotary positions, in a session of at most `context` positions. What cannot be is reported.
RopeAngles ropeAngles(const ModelPlan &plan, const LayerPlan &layer, int64_t context, Diagnostics &diagnostics);

/// The slope of each head: 2^(-max k / H) for k = 1, 2, ...; for a number of heads that is no power of two those of the next lower
/// power H, and then every other one of the next higher power's.
std::vector<float> alibiSlopes(int64_t heads, double max);

} // namespace tenon
