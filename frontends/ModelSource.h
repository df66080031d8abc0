//===- ModelSource.h - a model's files, whatever their format ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a family descriptor is resolved against: configuration values by key and tensors by name. Each format
// has one implementation beside its reader. A parameter is made of tensors, or of some of their rows.

#pragma once

#include "tenon/dialects/nn/stored/Stored.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tenon {

/// A configuration value as everything that it can be read as.
struct ConfigValue {
  /// What it is, for messages: `u32 30`, `string "linear"`, `array of 3 f32`.
  std::string description;
  /// A non-negative integer, or an array of them that are all equal.
  std::optional<uint64_t> size;
  std::optional<double> real;
  std::optional<std::string> text;
  /// The elements, if it is an array.
  std::optional<uint64_t> count;
};

struct StoredCoding;

/// A tensor in a file.
struct SourceTensor {
  std::string name;
  /// "f32", "q4_1": the name of a float type or of a block format; it need not be one that nn knows. Of a coded tensor: the format in
  /// which its decoded elements are handed out.
  std::string format;
  /// Slowest dimension first.
  llvm::SmallVector<int64_t, 4> shape;
  /// The first byte of the data in the file `path`, and its size.
  std::string path;
  uint64_t offset = 0;
  uint64_t bytes = 0;
  /// How `format` and `shape` follow from what is stored; null if they say it all.
  std::shared_ptr<const StoredCoding> coding = nullptr;
};

/// How a tensor's elements are stored when that is more than a format: as small numbers with scales in tensors of their own. The tensor
/// that it belongs to has the name, format and shape of what is decoded; the bytes are here.
struct StoredCoding {
  /// The rule of decoding, by its name in `#nn.coding`: "gptq", "awq", "scaled", "mxfp4".
  std::string rule;
  /// What the rule reads ("values", "scales", "zeros", "groups"), each as it is stored.
  std::vector<std::pair<std::string, SourceTensor>> parts;
};

/// Rows of a tensor: `count` rows from `start`, then again every `stride` rows (0: once). Rows are over the flattened leading dimensions.
struct RowView {
  int64_t start = 0;
  /// -1: all that follow.
  int64_t count = -1;
  int64_t stride = 0;
};

/// Some rows of a tensor of the model's files, which owns it.
struct ParameterPiece {
  const SourceTensor *tensor = nullptr;
  RowView rows;
};

/// What a parameter is made of: pieces one after another along the first dimension. In a parameter of rank 3 the flattened leading
/// dimensions are cut: pieces of [out, in] follow each other to [experts, out, in].
struct ParameterSource {
  /// The symbol: the tensor's name; "a.b.qkv_proj.weight[query]" for some of its rows; "a.experts.*.w1.weight" for experts one by one.
  std::string name;
  /// The element format: "f32", "bf16", "q4_k".
  std::string format;
  llvm::SmallVector<int64_t, 4> shape;
  llvm::SmallVector<ParameterPiece, 1> pieces;
  /// Each piece is stored with its last two dimensions exchanged, [in, out]; its rows are counted as the parameter has them.
  bool transposed = false;
  /// Added to every element as it is read; then `format` is "f32".
  double plus = 0;
  /// Applied to every element after that, "negative_exp"; then `format` is "f32". Empty for none.
  std::string function;

  /// Whether elements are others than those that the files hold.
  bool isComputed() const { return plus != 0 || !function.empty(); }
};

/// What a tensor or a parameter is made of, for those who read bytes.
StoredTensor storedForm(const SourceTensor &tensor);
StoredParameter storedForm(const ParameterSource &source);

/// The values of a small parameter, or nothing if it is large or cannot be read.
std::optional<std::vector<float>> readSmall(const ParameterSource &source);

/// A model's files. Everything it returns has been checked against the files.
class ModelSource {
public:
  virtual ~ModelSource() = default;

  /// The name of the format, by which a descriptor describes it: "gguf".
  virtual llvm::StringRef format() const = 0;
  /// What the files call their architecture; empty if they do not say.
  virtual llvm::StringRef architecture() const = 0;
  /// The value of a configuration key.
  virtual std::optional<ConfigValue> find(llvm::StringRef key) const = 0;
  /// Calls `visit` with every configuration key.
  virtual void forEachKey(llvm::function_ref<void(llvm::StringRef)> visit) const = 0;
  /// Every tensor in the order of the files.
  virtual llvm::ArrayRef<SourceTensor> tensors() const = 0;
  /// The tensor of that name, or null.
  virtual const SourceTensor *findTensor(llvm::StringRef name) const = 0;
  /// Whether there is a configuration only, so that a tensor is whatever the descriptor needs: enough for a plan, not for an artifact.
  virtual bool assumesTensors() const { return false; }
  /// If tensors are assumed: the tensor of that name with the shape that it should have, in the configuration's format.
  virtual const SourceTensor *assumeTensor(llvm::StringRef name, llvm::ArrayRef<int64_t> shape) const { return nullptr; }
  /// The values of a small tensor of floats, or nothing if it is large or of another format.
  virtual std::optional<std::vector<float>> readSmall(const SourceTensor &tensor) const = 0;
};

} // namespace tenon
