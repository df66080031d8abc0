//===- ModelSource.h - a model's files, whatever their format ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a family descriptor is resolved against: configuration values by key and tensors by name. Each format
// has one implementation beside its reader.

#pragma once

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <optional>
#include <string>
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

/// A tensor in a file.
struct SourceTensor {
  std::string name;
  /// "f32", "q4_1": the name of a float type or of a block format; it need not be one that nn knows.
  std::string format;
  /// Slowest dimension first.
  llvm::SmallVector<int64_t, 4> shape;
  /// The first byte of the data in the file `path`, and its size.
  std::string path;
  uint64_t offset = 0;
  uint64_t bytes = 0;
};

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
  /// The values of a small tensor of floats, or nothing if it is large or of another format.
  virtual std::optional<std::vector<float>> readSmall(const SourceTensor &tensor) const = 0;
};

} // namespace tenon
