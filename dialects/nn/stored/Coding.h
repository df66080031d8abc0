//===- Coding.h - the rules by which coded tensors are decoded ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A coded tensor keeps small numbers, their scales and more in arrays of their own. A rule says which parts it reads, of which shapes, and
// what an element is; it is a file in coding/ and a row in Coding.cpp. Elements are computed in float, in the order that the rule's file
// gives, and rounded once to the parameter's format.

#pragma once

#include "tenon/dialects/nn/stored/SourceFiles.h"

namespace tenon {

struct CodingRule {
  llvm::StringLiteral name;
  /// The parts that it needs and those that it may have, by name.
  llvm::ArrayRef<llvm::StringLiteral> required, optional;
  /// What is wrong with the parts' formats and shapes for a tensor of that shape; empty: nothing. All required parts are there.
  std::string (*check)(const StoredTensor &tensor);
  /// Writes the elements of `count` rows from `first` on, rows over the flattened leading dimensions. The tensor passed the check.
  llvm::Error (*decode)(const StoredTensor &tensor, const SourceFiles &files, int64_t first, int64_t count, float *values);
};

/// The rule of that name, or null.
const CodingRule *findCodingRule(llvm::StringRef name);

/// Every rule.
llvm::ArrayRef<const CodingRule *> allCodingRules();

/// What is wrong with a coded tensor: an unknown rule, a part that is absent or not the rule's, formats or shapes; empty: nothing.
std::string checkCoding(const StoredTensor &tensor);

namespace coding {
extern const CodingRule gptq, gptqV2, awq, packed, scaled, mxfp4;

/// "[4, 128]".
std::string shapeText(llvm::ArrayRef<int64_t> shape);
/// A complaint unless the array has the format and shape.
std::string expectArray(llvm::StringRef name, const StoredArray &array, llvm::StringRef format, llvm::ArrayRef<int64_t> shape);
/// A complaint unless the array's format is a float.
std::string expectFloat(llvm::StringRef name, const StoredArray &array);

/// Reads a whole array as floats; for arrays that are small beside the values.
llvm::Error readFloats(const StoredArray &array, const SourceFiles &files, int64_t first, int64_t count, std::vector<float> &values);
} // namespace coding

} // namespace tenon
