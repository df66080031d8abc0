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
#include "llvm/ADT/StringMap.h"

namespace tenon {

/// A model's numbers by the descriptor's names.
struct ModelConfig {
  llvm::StringMap<int64_t> sizes;
  llvm::StringMap<double> reals;

  /// A number that descriptors must define.
  int64_t size(llvm::StringRef name) const { return sizes.at(name); }
  double real(llvm::StringRef name) const { return reals.at(name); }
  /// A number that descriptors may define.
  std::optional<int64_t> optionalSize(llvm::StringRef name) const;
  std::optional<double> optionalReal(llvm::StringRef name) const;
};

/// Tensors by role, in the order of the descriptor. The names point into the family, the tensors into the source.
using ParameterMap = llvm::MapVector<llvm::StringRef, const SourceTensor *>;

/// A model ready to be built.
struct ModelPlan {
  BlockOptions block;
  ModelConfig config;
  ParameterMap parameters;
  std::vector<ParameterMap> layers;
  /// Divisors of the rotary frequencies, one a pair; empty for none.
  std::vector<float> ropeFactors;
};

/// The names of the formats that parameters may have: floats, and the blocks that have a type in nn.
using FormatPredicate = llvm::function_ref<bool(llvm::StringRef format)>;

/// Fills the family with the source's numbers and tensors. Nothing if there is a problem, which was reported.
/// The plan refers to both arguments.
std::optional<ModelPlan> resolveModel(const Family &family, const ModelSource &source, FormatPredicate isSupported,
                                      Diagnostics &diagnostics);

} // namespace tenon
