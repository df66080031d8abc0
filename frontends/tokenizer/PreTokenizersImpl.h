//===- PreTokenizersImpl.h - the pre-tokenizers that GGUF names -*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_FRONTENDS_TOKENIZER_PRETOKENIZERSIMPL_H
#define TENON_FRONTENDS_TOKENIZER_PRETOKENIZERSIMPL_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

namespace tenon {

/// What `tokenizer.ggml.pre` stands for.
struct PreTokenizer {
  llvm::StringRef name;
  llvm::ArrayRef<llvm::StringRef> patterns; ///< as Oniguruma understands them, applied one after the other
  bool wholeWords;                          ///< a piece that is a token is not merged
  bool addBos;                              ///< where the file does not say
};

/// The row of this name, or an error that lists the names there are.
llvm::Expected<PreTokenizer> findPreTokenizer(llvm::StringRef name);

} // namespace tenon

#endif // TENON_FRONTENDS_TOKENIZER_PRETOKENIZERSIMPL_H
