//===- Golden.h - vocabularies and cases of test/runtime/text/golden -*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_TEST_RUNTIME_TEXT_GOLDEN_H
#define TENON_TEST_RUNTIME_TEXT_GOLDEN_H

#include "tenon/frontends/tokenizer/Tokenizer.h"
#include "tenon/runtime/text/text.h"

#include "nlohmann/json.hpp"
#include "gtest/gtest.h"

#include <memory>
#include <string>
#include <vector>

namespace tenon::test {

using Ids = std::vector<int32_t>;

/// A file of the golden folder, parsed.
nlohmann::json readGolden(const std::string &name);

/// The model in a vocabulary file; `pre` replaces its pre-tokenizer.
TokenizerModel readVocabulary(const std::string &name, const std::string &pre = "");

/// An open tokenizer that keeps its blob. Failing to build or open fails the test.
class OpenTokenizer {
public:
  explicit OpenTokenizer(const TokenizerModel &model);
  ~OpenTokenizer() { tenon_tokenizer_close(tokenizer); }
  OpenTokenizer(const OpenTokenizer &) = delete;

  operator const tenon_tokenizer *() const { return tokenizer; }
  Ids encode(const std::string &text, uint32_t flags = 0) const;
  std::string decode(const Ids &ids, uint32_t flags = TENON_DECODE_SPECIAL) const;
  /// What a detokenizer gives out, one element a push and the flush last.
  std::vector<std::string> stream(const Ids &ids, uint32_t flags = TENON_DECODE_SPECIAL) const;

  std::vector<uint8_t> blob;

private:
  tenon_tokenizer *tokenizer = nullptr;
};

std::string fromHex(const std::string &hex);

} // namespace tenon::test

#endif // TENON_TEST_RUNTIME_TEXT_GOLDEN_H
