//===- Numbers.h - the numbers of a block ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The numbers that the builder reads, with what each may be. A descriptor says where they come from; those that it does not mention have
// the value of the table, if that gives one.

#pragma once

#include "tenon/frontends/families/Block.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringMap.h"

#include <cstdint>

namespace tenon {

/// What values a number may have.
enum class NumberRange {
  Positive,
  /// 0 means that there is no such thing; a configuration has no number of that name then.
  Switch,
  /// Any finite number.
  Any
};

/// A row of the table of sizes or of reals.
struct NumberSpec {
  llvm::StringRef name;
  NumberRange range;
  /// An expression of other numbers that is its value if the descriptor or the files give none; empty for none.
  llvm::StringRef otherwise;
  /// Whether a block of these options cannot be built without it; null for never.
  bool (*isRequired)(const BlockOptions &block);
};

llvm::ArrayRef<NumberSpec> sizeSpecs();
llvm::ArrayRef<NumberSpec> realSpecs();

/// The row of that name in either table, or null.
const NumberSpec *findSizeSpec(llvm::StringRef name);
const NumberSpec *findRealSpec(llvm::StringRef name);

/// A model's or a layer's numbers by their names.
struct ModelConfig {
  llvm::StringMap<int64_t> sizes;
  llvm::StringMap<double> reals;

  /// A number that is required for the block's options or has a value otherwise.
  int64_t size(llvm::StringRef name) const { return sizes.at(name); }
  double real(llvm::StringRef name) const { return reals.at(name); }
  /// A number that may be absent.
  std::optional<int64_t> optionalSize(llvm::StringRef name) const;
  std::optional<double> optionalReal(llvm::StringRef name) const;
};

} // namespace tenon
