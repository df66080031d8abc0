//===- tokenizer_json_fuzz.cpp - fuzz tokenizer.json --------------*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Whatever is read is built, what is built and opens is used, and what it says is decoded.
//===----------------------------------------------------------------------===//

#include "tenon/frontends/tokenizer/Tokenizer.h"
#include "tenon/runtime/text/text.h"

#include <cstdlib>

using namespace tenon;

static void use(const std::vector<uint8_t> &blob) {
  tenon_tokenizer *tokenizer = nullptr;
  if (tenon_tokenizer_open(blob.data(), blob.size(), &tokenizer).code)
    return;
  for (llvm::StringRef text :
       {"abc <s> 12\xff\xe2\x96\x81 e\xcc\x81 \xe4\xb8\xad", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa  b"}) {
    int32_t *ids = nullptr;
    size_t count = 0;
    if (tenon_tokenizer_encode(tokenizer, text.data(), text.size(), 3, &ids, &count).code)
      continue;
    char *decoded = nullptr;
    size_t size = 0;
    if (tenon_tokenizer_decode(tokenizer, ids, count, 1, &decoded, &size).code)
      std::abort(); // it only decodes its own tokens
    tenon_text_free(decoded);
    tenon_text_free(ids);
  }
  tenon_tokenizer_close(tokenizer);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  Diagnostics diagnostics;
  llvm::StringRef text(reinterpret_cast<const char *>(data), size);
  std::optional<TokenizerModel> model = parseTokenizerJson(text, diagnostics);
  if (!model) {
    if (diagnostics.empty())
      std::abort(); // nothing is refused without a word
    return 0;
  }
  llvm::Expected<std::vector<uint8_t>> blob = buildTokenizerBlob(*model);
  if (blob)
    use(*blob);
  else
    llvm::consumeError(blob.takeError());
  return 0;
}
