//===- Family.h - families of models as data ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A family descriptor says, in JSON, which known block a family of models repeats, which configuration keys of
// a file feed the block's numbers, and which tensors feed its parameters. C++ knows blocks (Block.h, Numbers.h, Roles.h) and no
// family: a new combination of known parts is a new file, built in or given by --family. README.md describes
// the format.

#pragma once

#include "tenon/frontends/Diagnostics.h"
#include "tenon/frontends/families/Roles.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tenon {

/// Something that holds for a model, or for one of its layers.
struct Condition {
  enum Kind {
    /// `text` is an expression that is not 0.
    Expression,
    /// The key `text` has one of `values`.
    Key,
    /// The array `text` has the number that the expression in `values` gives.
    Has,
    /// The tensor `text` is in the files.
    Tensor,
    /// The first of `parts` does not hold; all hold; one holds.
    Not,
    All,
    Any
  } kind = Expression;
  std::string text;
  std::vector<std::string> values;
  std::vector<Condition> parts;
};

/// One way to get a number or an option's part; the first that applies is taken.
struct Rule {
  enum Kind {
    /// The value of the first of `keys` that is there.
    Key,
    /// The number of its elements.
    Count,
    /// Where in the array of `keys` the number that `text` gives is.
    Index,
    /// `text`: an expression, or the name of a part.
    Value
  } kind = Value;
  std::vector<std::string> keys;
  std::string text;
  /// What the key's values mean; empty if they are taken as they are.
  std::vector<std::pair<std::string, std::string>> map;
  /// The rule applies only if this holds.
  std::optional<Condition> when;
};

/// How a size, a real or an option is found.
struct Definition {
  std::string name;
  std::vector<Rule> rules;
};

/// What `{name}` in names of keys and tensors stands for, so that layers or an extending family may call a part of them otherwise.
using Words = std::vector<std::pair<std::string, std::string>>;

/// Definitions for the layers for which a condition holds.
struct LayerOverride {
  std::optional<Condition> when;
  std::vector<Definition> options, sizes, reals;
  Words words;
};

/// What a descriptor says of a parameter beside the table of roles.
struct ParameterDefinition {
  std::string role;
  /// One expression for each dimension; empty for the table's.
  std::vector<std::string> shape;
  std::optional<bool> optional;
  /// Rules for a number: the parameter must be there if it is not 0, and is not looked for if it is.
  std::vector<Rule> present;
  /// The role whose parameter is taken when the files have none; empty for none.
  std::string tied;
};

/// One way in which files spell a parameter.
struct TensorSpelling {
  /// `{layer}` stands for the layer's number, `{arch}` for the architecture, `{prefix}` for the source's prefix, `{expert}` for each
  /// expert's number: the parameter is then all of them.
  std::string pattern;
  /// A key whose elements are the values, instead of a tensor.
  std::string key;
  /// Expressions for the first row, the number of rows and the distance after which they repeat; empty for all rows.
  std::vector<std::string> rows;
  /// Stored [in, out].
  bool transposed = false;
  double plus = 0;
  /// Applied to every element; empty for none.
  std::string function;
  std::optional<Condition> when;
};

/// The tensors that feed a parameter: the first spelling that the files have.
struct TensorDefinition {
  std::string role;
  std::vector<TensorSpelling> spellings;
};

/// The values that are supported of a key that is otherwise not read.
struct SupportedValues {
  std::string key;
  std::vector<std::string> values;
  /// What is said of others.
  std::string otherwise;
};

/// Tokens of a key's object whose names have a prefix.
struct TokenRule {
  std::string key, prefix;
};

/// How one file format spells the family.
struct FamilySource {
  std::string format;
  std::vector<std::string> architectures;
  /// Which files of these architectures are meant; all if there is none.
  std::optional<Condition> when;
  std::vector<std::string> prefixes;
  Words words;
  std::vector<Definition> options, sizes, reals;
  std::vector<LayerOverride> layers;
  std::vector<SupportedValues> supported;
  /// Keys that start with this pattern must be read or ignored.
  std::string strictKeys = "{arch}.";
  std::vector<std::string> ignoredKeys, ignoredTensors;
  std::vector<TensorDefinition> tensors, layerTensors;
  std::optional<TokenRule> maskedTokens;
};

/// A family of models.
struct Family {
  std::string name, summary;
  std::vector<ParameterDefinition> parameters;
  std::vector<FamilySource> sources;
  /// The names of the examples that a descriptor gives; "" is the plain one.
  std::vector<std::string> examples;

  /// Whether there are files of this family, or it is only for others to extend.
  bool describesFiles() const;
};

/// Reads a descriptor; what it extends is built in. What is wrong with it is reported by its place in the text: `sources.gguf.sizes`.
std::optional<Family> parseFamily(llvm::StringRef json, Diagnostics &diagnostics);

/// The descriptors that are built in, as JSON.
llvm::ArrayRef<llvm::StringRef> builtinFamilies();

} // namespace tenon
