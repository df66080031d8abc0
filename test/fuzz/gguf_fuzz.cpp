//===- gguf_fuzz.cpp - any bytes as a GGUF file ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The reader either reports what is wrong or gives tables whose every entry can be touched: all values are read, all data lies in
// the file, a tokenizer that the file describes is built and opened by the runtime, and every family is filled with the file.

#include "tenon/frontends/families/Resolve.h"
#include "tenon/frontends/gguf/Source.h"
#include "tenon/runtime/text/text.h"

#include <cstdlib>

using namespace tenon;

static void touchValues(const gguf::File &file) {
  size_t bytes = 0;
  for (const auto &[key, value] : file.values()) {
    bytes += value.describe().size();
    value.asUnsigned();
    value.asFloat();
    value.asBool();
    value.asString();
    value.forEachString([&](llvm::StringRef text) { bytes += text.size(); });
    for (uint64_t index = 0; index < value.size() && index < 64; ++index)
      value.floatAt(index);
    if (file.find(key) == nullptr)
      std::abort();
  }
  for (const gguf::Tensor &tensor : file.tensors()) {
    llvm::StringRef data = file.dataOf(tensor);
    if (data.size() != tensor.bytes)
      std::abort();
    if (!data.empty())
      bytes += static_cast<uint8_t>(data.front()) + static_cast<uint8_t>(data.back());
  }
  volatile size_t sink = bytes;
  (void)sink;
}

static void buildTokenizer(const gguf::File &file, Diagnostics &diagnostics) {
  std::optional<TokenizerModel> model = gguf::readTokenizer(file, diagnostics);
  if (!model)
    return;
  llvm::Expected<std::vector<uint8_t>> blob = buildTokenizerBlob(*model);
  if (!blob) {
    llvm::consumeError(blob.takeError());
    return;
  }
  tenon_tokenizer *tokenizer = nullptr;
  if (tenon_tokenizer_open(blob->data(), blob->size(), &tokenizer).code == TENON_OK)
    tenon_tokenizer_close(tokenizer);
}

/// Fills the families that are built in, whatever architecture the file names.
static void resolve(const gguf::Source &source, Diagnostics &diagnostics) {
  static const std::vector<Family> families = [] {
    std::vector<Family> result;
    Diagnostics none;
    for (llvm::StringRef json : builtinFamilies())
      result.push_back(parseFamily(json, none).value());
    return result;
  }();
  auto isSupported = [](llvm::StringRef format) { return format == "f32" || format == "q4_1" || format == "q8_0"; };
  for (const Family &family : families) {
    size_t before = diagnostics.count();
    std::optional<ModelPlan> plan = resolveModel(family, source, isSupported, diagnostics);
    if (plan.has_value() != (diagnostics.count() == before))
      std::abort(); // a refusal without a reason, or a model with one
  }
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  Diagnostics diagnostics;
  llvm::StringRef bytes(reinterpret_cast<const char *>(data), size);
  std::unique_ptr<gguf::File> file = gguf::File::parse(llvm::MemoryBuffer::getMemBufferCopy(bytes, "fuzz.gguf"), diagnostics);
  if (!file) {
    if (diagnostics.empty())
      std::abort(); // a refusal without a reason
    return 0;
  }
  touchValues(*file);
  gguf::Source source(*file, "fuzz.gguf");
  resolve(source, diagnostics);
  buildTokenizer(*file, diagnostics);
  return 0;
}
