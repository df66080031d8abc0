//===- Positions.cpp - rotary frequencies and slopes ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/frontends/builder/PositionsImpl.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"

#include <cmath>
#include <numbers>

using namespace tenon;
using llvm::StringRef;
using llvm::Twine;

namespace {
/// One layer's rotary numbers.
struct Rope {
  explicit Rope(const ModelConfig &config) : config(config), dims(config.size("rope_dims")), base(config.real("rope_base")) {}

  /// The angle of a pair at one step, unscaled.
  double plain(int64_t pair) const { return std::pow(base, -2.0 * static_cast<double>(pair) / static_cast<double>(dims)); }
  double original() const { return static_cast<double>(config.size("rope_original_context")); }
  double yarn(int64_t pair) const;
  double llama3(int64_t pair) const;
  double attentionFactor(RopeScaling scaling) const;

  const ModelConfig &config;
  int64_t dims;
  double base;
};
} // namespace

/// Pairs that turn more than beta_fast times in the original context keep their angle, those that turn less than beta_slow times are
/// slowed down by the factor, and there is a ramp in between.
double Rope::yarn(int64_t pair) const {
  auto pairOf = [&](double turns) {
    return static_cast<double>(dims) * std::log(original() / (turns * 2 * std::numbers::pi)) / (2 * std::log(base));
  };
  double low = pairOf(config.real("rope_beta_fast")), high = pairOf(config.real("rope_beta_slow"));
  if (!config.optionalSize("rope_fractional_ramp")) {
    low = std::floor(low);
    high = std::ceil(high);
  }
  low = std::max(low, 0.0);
  high = std::min(high, static_cast<double>(dims - 1));
  if (low == high)
    high += 0.001;
  double ramp = std::clamp((static_cast<double>(pair) - low) / (high - low), 0.0, 1.0);
  return plain(pair) * (1 - ramp) + plain(pair) / config.real("rope_scale") * ramp;
}

/// Wavelengths above the original context / low_factor are stretched by the factor, those below it / high_factor are kept.
double Rope::llama3(int64_t pair) const {
  double low = config.real("rope_low_factor"), high = config.real("rope_high_factor"), factor = config.real("rope_scale");
  double turns = original() * plain(pair) / (2 * std::numbers::pi);
  double smooth = std::clamp((turns - low) / (high - low), 0.0, 1.0);
  return plain(pair) * ((1 - smooth) / factor + smooth);
}

double Rope::attentionFactor(RopeScaling scaling) const {
  if (std::optional<double> given = config.optionalReal("rope_attention_factor"))
    return *given;
  double factor = config.real("rope_scale");
  if (factor <= 1)
    return 1;
  if (scaling == RopeScaling::Yarn)
    return 0.1 * std::log(factor) + 1;
  return scaling == RopeScaling::Longrope ? std::sqrt(1 + std::log(factor) / std::log(original())) : 1;
}

/// The divisors of the frequencies that hold for the layer in this context; empty for none.
static llvm::ArrayRef<float> factorsOf(const ModelPlan &plan, const LayerPlan &layer, int64_t context) {
  if (layer.block.ropeScaling != RopeScaling::Longrope)
    return plan.ropeFactors;
  return context > layer.config.size("rope_original_context") ? plan.ropeFactorsLong : plan.ropeFactorsShort;
}

RopeAngles tenon::ropeAngles(const ModelPlan &plan, const LayerPlan &layer, int64_t context, Diagnostics &diagnostics) {
  Rope rope(layer.config);
  RopeScaling scaling = layer.block.ropeScaling;
  int64_t pairs = rope.dims / 2;
  llvm::ArrayRef<float> factors = factorsOf(plan, layer, context);
  bool needsFactors = scaling == RopeScaling::Longrope;
  if ((needsFactors || !factors.empty()) && static_cast<int64_t>(factors.size()) != pairs) {
    if (!diagnostics.mentions("rope_factors"))
      diagnostics.report("rope_factors", "expects " + Twine(pairs) + " factors for a context of " + Twine(context) + ", but got " +
                                             Twine(factors.size()));
    return {};
  }
  if (scaling == RopeScaling::Dynamic && context > layer.config.size("rope_original_context") && !diagnostics.mentions("rope_scaling"))
    diagnostics.report("rope_scaling", "expects at most the " + Twine(layer.config.size("rope_original_context")) +
                                           " positions of the training for dynamic scaling, whose angles change beyond them, but " +
                                           Twine(context) + " were asked for");

  RopeAngles angles;
  for (int64_t pair = 0; pair < pairs; ++pair) {
    double frequency = rope.plain(pair);
    if (scaling == RopeScaling::Yarn)
      frequency = rope.yarn(pair);
    if (scaling == RopeScaling::Llama3)
      frequency = rope.llama3(pair);
    if (scaling == RopeScaling::Linear)
      frequency /= layer.config.real("rope_scale");
    if (!factors.empty())
      frequency /= factors[pair];
    angles.frequencies.push_back(static_cast<float>(frequency));
  }
  angles.scale = rope.attentionFactor(scaling);
  return angles;
}

std::vector<float> tenon::alibiSlopes(int64_t heads, double max) {
  int64_t power = static_cast<int64_t>(llvm::bit_floor(static_cast<uint64_t>(std::max<int64_t>(heads, 1))));
  std::vector<float> slopes;
  for (int64_t head = 0; head < heads; ++head) {
    // The next higher power's slopes at odd places lie between those that are there.
    double step = head < power ? static_cast<double>(head + 1) : static_cast<double>(head - power) + 0.5;
    slopes.push_back(static_cast<float>(std::exp2(-max * step / static_cast<double>(power))));
  }
  return slopes;
}
