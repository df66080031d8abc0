//===- PatternImpl.h - regular expressions of tokenizers in PCRE2's words -*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_FRONTENDS_TOKENIZER_PATTERNIMPL_H
#define TENON_FRONTENDS_TOKENIZER_PATTERNIMPL_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <string>

namespace tenon {

/// A pattern for PCRE2 with UTF and UCP, and what it comes to among ASCII, without either.
struct TranslatedPattern {
  std::string full;
  std::string ascii; ///< empty if the pattern has parts whose meaning among ASCII is not known here
};

/// Translates a pattern as tokenizer.json and GGUF's conventions spell it (Oniguruma's syntax).
llvm::Expected<TranslatedPattern> translatePattern(llvm::StringRef pattern);

/// The pattern that matches this text and nothing else.
std::string quotePattern(llvm::StringRef text);

} // namespace tenon

#endif // TENON_FRONTENDS_TOKENIZER_PATTERNIMPL_H
