//===- Resolve.h - a family's descriptor filled with a model's files ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Resolution reads every number that the descriptor names and finds every tensor, comparing shapes. What comes
// out is a plan that a builder turns into IR without asking the files again; what is missing, of another
// shape, or in the file but not understood, is reported as one list.

#pragma once

#include "tenon/frontends/ModelSource.h"
#include "tenon/frontends/families/Family.h"
#include "llvm/ADT/MapVector.h"

namespace tenon {

/// Parameters by role, in the order of the table of roles.
using ParameterMap = llvm::MapVector<llvm::StringRef, ParameterSource>;

/// One layer of a model.
struct LayerPlan {
  BlockOptions block;
  /// Every number of the model, with those that are others in this layer.
  ModelConfig config;
  ParameterMap parameters;
};

/// A model ready to be built.
struct ModelPlan {
  BlockOptions block;
  ModelConfig config;
  ParameterMap parameters;
  std::vector<LayerPlan> layers;
  /// Divisors of the rotary frequencies, one a pair; empty for none. Long and short ones belong to rope_scaling longrope.
  std::vector<float> ropeFactors, ropeFactorsLong, ropeFactorsShort;
  /// Tokens that are never predicted.
  std::vector<int64_t> maskedTokens;
};

/// The names of the formats that parameters may have: floats, and the blocks that have a type in nn.
using FormatPredicate = llvm::function_ref<bool(llvm::StringRef format)>;

/// Whether the source's architecture is the spelling's, and its condition holds.
bool describes(const Family &family, const FamilySource &spelling, const ModelSource &source);

/// Fills the family with the source's numbers and tensors. Nothing if there is a problem, which was reported.
/// The plan refers to the source.
std::optional<ModelPlan> resolveModel(const Family &family, const ModelSource &source, FormatPredicate isSupported,
                                      Diagnostics &diagnostics);

} // namespace tenon
