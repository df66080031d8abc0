//===- SpellingImpl.h - what a token's spelling stands for ------*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_FRONTENDS_TOKENIZER_SPELLINGIMPL_H
#define TENON_FRONTENDS_TOKENIZER_SPELLINGIMPL_H

#include "llvm/ADT/StringRef.h"

#include <optional>
#include <string>

namespace tenon {

/// GPT-2 spells each byte as a printable character: "Ġthe" is " the". Nothing if a character is not of that alphabet.
std::optional<std::string> bytesOfByteAlphabet(llvm::StringRef token);

/// SentencePiece spells a space as U+2581.
std::string bytesOfSpacedPiece(llvm::StringRef token);

/// The byte of "<0x0A>". Nothing if the token has another form.
std::optional<std::string> bytesOfByteToken(llvm::StringRef token);

/// The bytes that a literal of Python spells, with its escapes for a tab, the line's ends, a backslash, quotes and any byte (\xe4).
/// Nothing if it has another.
std::optional<std::string> bytesOfEscapes(llvm::StringRef token);

/// A text with every occurrence of a part replaced.
std::string replaceAll(llvm::StringRef text, llvm::StringRef part, llvm::StringRef by);

/// What a part of a word is written as: one that begins a word has a space in front, which BERT's clean-up takes back before punctuation
/// and contractions.
std::string textOfWordPiece(llvm::StringRef part, bool continues, bool cleanUp);

} // namespace tenon

#endif // TENON_FRONTENDS_TOKENIZER_SPELLINGIMPL_H
