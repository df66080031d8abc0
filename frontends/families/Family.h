//===- Family.h - families of models as data ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A family descriptor says, in JSON, which known block a family of models repeats, which configuration keys of
// a file feed the block's numbers, and which tensors feed its parameters. C++ knows blocks (Block.h) and no
// family: a new combination of known parts is a new file, built in or given by --family. README.md describes
// the format.

#pragma once

#include "tenon/frontends/Diagnostics.h"
#include "tenon/frontends/families/Roles.h"

#include <optional>
#include <string>
#include <vector>

namespace tenon {

/// A condition on a configuration key: its value is one of these texts or numbers.
struct KeyValues {
  std::string key;
  std::vector<std::string> values;
  /// What is said when the key has another value.
  std::string otherwise;
};

/// One way to get a number of the configuration; the first that applies is taken.
struct NumberRule {
  enum Kind { Key, Count, Expression } kind = Key;
  /// The key whose value it is (Key), the key whose elements are counted (Count), or products and quotients
  /// of numbers and of names that were resolved before (Expression).
  std::string text;
  /// The rule applies only if this condition holds.
  std::optional<KeyValues> when;
};

/// A number of the configuration that a descriptor defines.
struct NumberDefinition {
  std::string name;
  std::vector<NumberRule> rules;
};

/// A parameter of the model or of each layer.
struct ParameterDefinition {
  std::string role;
  /// One expression for each dimension.
  std::vector<std::string> shape;
  bool optional = false;
  /// The role whose tensor is taken when the file has none of this parameter's name; empty for none.
  std::string tied;
};

/// The tensor that feeds a parameter.
struct TensorName {
  std::string role;
  /// `{layer}` stands for the layer's number, `{arch}` for the architecture.
  std::string pattern;
};

/// How one file format spells the family.
struct FamilySource {
  std::string format;
  std::vector<std::string> architectures;
  BlockOptions block;
  std::vector<NumberDefinition> sizes, reals;
  std::vector<KeyValues> supported;
  std::vector<std::string> ignoredKeys, ignoredTensors;
  std::vector<TensorName> tensors, layerTensors;
};

/// A family of models.
struct Family {
  std::string name, summary;
  std::vector<ParameterDefinition> parameters, layerParameters;
  std::vector<FamilySource> sources;
};

llvm::SmallVector<llvm::StringRef> modelRoles();
llvm::SmallVector<llvm::StringRef> layerRoles();
llvm::SmallVector<llvm::StringRef> requiredModelRoles(const BlockOptions &block);
llvm::SmallVector<llvm::StringRef> requiredLayerRoles(const BlockOptions &block);
llvm::ArrayRef<llvm::StringRef> requiredSizes();
llvm::ArrayRef<llvm::StringRef> optionalSizes();
llvm::ArrayRef<llvm::StringRef> requiredReals();
llvm::ArrayRef<llvm::StringRef> optionalReals();

/// Reads a descriptor. What is wrong with it is reported by its place in the text: `sources.gguf.sizes`.
std::optional<Family> parseFamily(llvm::StringRef json, Diagnostics &diagnostics);

/// The descriptors that are built in, as JSON.
llvm::ArrayRef<llvm::StringRef> builtinFamilies();

} // namespace tenon
