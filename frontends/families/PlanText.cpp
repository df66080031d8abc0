//===- PlanText.cpp - a resolved model as JSON ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/frontends/families/PlanText.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"

using namespace tenon;
using namespace llvm;

static json::Object parameterObject(const ParameterSource &parameter) {
  json::Array pieces;
  for (const ParameterPiece &piece : parameter.pieces) {
    json::Object object{{"tensor", piece.tensor->name}, {"shape", json::Array(piece.tensor->shape)}};
    if (piece.rows.count >= 0 || piece.rows.start != 0)
      object["rows"] = json::Array{piece.rows.start, piece.rows.count, piece.rows.stride};
    pieces.push_back(std::move(object));
  }
  json::Object object{
      {"name", parameter.name}, {"format", parameter.format}, {"shape", json::Array(parameter.shape)}, {"pieces", std::move(pieces)}};
  if (parameter.transposed)
    object["transposed"] = true;
  if (parameter.plus != 0)
    object["plus"] = parameter.plus;
  if (!parameter.function.empty())
    object["function"] = parameter.function;
  return object;
}

static json::Object parameterObjects(const ParameterMap &parameters) {
  json::Object object;
  for (const auto &[role, parameter] : parameters)
    object[role] = parameterObject(parameter);
  return object;
}

static json::Object blockObject(const BlockOptions &block, const BlockOptions *base) {
  json::Object object;
  for (StringRef option : BlockOptions::names())
    if (!base || base->get(option) != block.get(option))
      object[option] = block.get(option);
  return object;
}

/// The numbers of `values` that `base` does not have or has otherwise.
template <typename Number> static json::Object numberObject(const StringMap<Number> &values, const StringMap<Number> *base) {
  json::Object object;
  for (const auto &entry : values)
    if (!base || !base->contains(entry.first()) || base->lookup(entry.first()) != entry.second)
      object[entry.first()] = entry.second;
  return object;
}

std::string tenon::planText(const Family &family, const ModelPlan &plan) {
  json::Array layers;
  for (const LayerPlan &layer : plan.layers)
    layers.push_back(json::Object{{"block", blockObject(layer.block, &plan.block)},
                                  {"sizes", numberObject(layer.config.sizes, &plan.config.sizes)},
                                  {"reals", numberObject(layer.config.reals, &plan.config.reals)},
                                  {"parameters", parameterObjects(layer.parameters)}});
  json::Object object{{"family", family.name},
                      {"block", blockObject(plan.block, nullptr)},
                      {"sizes", numberObject(plan.config.sizes, static_cast<const StringMap<int64_t> *>(nullptr))},
                      {"reals", numberObject(plan.config.reals, static_cast<const StringMap<double> *>(nullptr))},
                      {"parameters", parameterObjects(plan.parameters)},
                      {"layers", std::move(layers)}};
  auto addFactors = [&](StringRef name, ArrayRef<float> factors) {
    if (!factors.empty())
      object[name] = json::Array(factors);
  };
  addFactors("rope_factors", plan.ropeFactors);
  addFactors("rope_factors_long", plan.ropeFactorsLong);
  addFactors("rope_factors_short", plan.ropeFactorsShort);
  if (!plan.maskedTokens.empty())
    object["masked_tokens"] = json::Array(plan.maskedTokens);
  return formatv("{0:2}\n", json::Value(std::move(object))).str();
}
