//===- ConventionsImpl.h - what GGUF leaves unsaid about a tokenizer -*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_FRONTENDS_TOKENIZER_CONVENTIONSIMPL_H
#define TENON_FRONTENDS_TOKENIZER_CONVENTIONSIMPL_H

#include "tenon/frontends/tokenizer/Tokenizer.h"

namespace tenon {

/// The steps that a GGUF file means by its kind, pre-tokenizer and options. `types` has an entry for every token.
llvm::Expected<TextPipeline> conventionalPipeline(const TokenizerModel &model, const std::vector<TokenType> &types,
                                                  std::vector<std::string> *notes);

} // namespace tenon

#endif // TENON_FRONTENDS_TOKENIZER_CONVENTIONSIMPL_H
