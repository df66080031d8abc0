//===- Folder.h - a folder of a model as save_pretrained writes it ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//   config.json                    what the model is
//   generation_config.json         which tokens end an answer, among others
//   model.safetensors              its tensors, or
//   model.safetensors.index.json   the files that they are spread over
//
// Only headers are read. A folder with a configuration alone is enough for a plan.

#pragma once

#include "tenon/frontends/huggingface/Config.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/MemoryBuffer.h"

#include <memory>

namespace tenon::huggingface {

class Folder final : public ModelSource {
public:
  /// Opens a folder that has a config.json. Null if that cannot be read; otherwise what is wrong was reported.
  static std::unique_ptr<Folder> open(llvm::StringRef path, Diagnostics &diagnostics);

  llvm::StringRef format() const override { return "huggingface"; }
  llvm::StringRef architecture() const override { return architectureName; }
  std::optional<ConfigValue> find(llvm::StringRef key) const override { return config.find(key); }
  void forEachKey(llvm::function_ref<void(llvm::StringRef)> visit) const override { config.forEachKey(visit); }
  llvm::ArrayRef<SourceTensor> tensors() const override { return table; }
  const SourceTensor *findTensor(llvm::StringRef name) const override;
  bool assumesTensors() const override { return assumes; }
  const SourceTensor *assumeTensor(llvm::StringRef name, llvm::ArrayRef<int64_t> shape) const override;
  std::optional<std::vector<float>> readSmall(const SourceTensor &tensor) const override;

  /// The tokens that end generation, by generation_config.json or else by config.json.
  llvm::ArrayRef<int64_t> endTokens() const { return ends; }
  /// The licence that the front matter of README.md names, or empty.
  std::string license() const;

private:
  Folder(llvm::StringRef path, Config config) : path(path), config(std::move(config)) {}

  std::string inFolder(llvm::StringRef name) const;
  bool has(llvm::StringRef name) const;
  std::unique_ptr<llvm::MemoryBuffer> readText(llvm::StringRef name, Diagnostics &diagnostics) const;
  void readTensors(Diagnostics &diagnostics);
  void readShard(llvm::StringRef name, Diagnostics &diagnostics);
  void readIndex(Diagnostics &diagnostics);
  void readEndTokens(Diagnostics &diagnostics);

  std::string path;
  Config config;
  std::string architectureName;
  std::vector<SourceTensor> table;
  llvm::StringMap<size_t> index;
  std::vector<int64_t> ends;
  bool assumes = false;
  /// Tensors that were asked for and assumed.
  mutable llvm::StringMap<std::unique_ptr<SourceTensor>> assumed;
};

} // namespace tenon::huggingface
