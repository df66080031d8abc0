//===- Source.h - a GGUF file as a model's source ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "tenon/frontends/ModelSource.h"
#include "tenon/frontends/gguf/Reader.h"
#include "tenon/frontends/tokenizer/Tokenizer.h"

namespace tenon::gguf {

/// A file's keys and tensors for family descriptors. The file outlives it.
class Source final : public ModelSource {
public:
  /// `path` is how parameters will name the file.
  Source(const File &file, llvm::StringRef path);

  llvm::StringRef format() const override { return "gguf"; }
  llvm::StringRef architecture() const override;
  std::optional<ConfigValue> find(llvm::StringRef key) const override;
  void forEachKey(llvm::function_ref<void(llvm::StringRef)> visit) const override;
  llvm::ArrayRef<SourceTensor> tensors() const override { return table; }
  const SourceTensor *findTensor(llvm::StringRef name) const override;
  std::optional<std::vector<float>> readSmall(const SourceTensor &tensor) const override;

private:
  std::optional<ConfigValue> findElement(llvm::StringRef key) const;

  const File &file;
  std::vector<SourceTensor> table;
  llvm::StringMap<size_t> index;
};

/// The tokenizer that the file describes; nothing if it describes none or if there is a problem with it, which
/// was reported.
std::optional<TokenizerModel> readTokenizer(const File &file, Diagnostics &diagnostics);

/// The tokens that end a text: those that the file names as ends, and control tokens that are known as such.
std::vector<int64_t> endTokens(const File &file, const TokenizerModel &tokenizer);

} // namespace tenon::gguf
