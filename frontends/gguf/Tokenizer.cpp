//===- Tokenizer.cpp - the tokenizer in a GGUF file ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/frontends/gguf/Source.h"
#include "llvm/ADT/STLExtras.h"

using namespace tenon;
using namespace tenon::gguf;
using llvm::StringRef;
using llvm::Twine;

namespace {
/// Reads the keys under `tokenizer.`, each as one type.
class TokenizerReader {
public:
  TokenizerReader(const File &file, Diagnostics &diagnostics) : file(file), diagnostics(diagnostics) {}

  TokenizerModel read(TokenizerKind kind);

private:
  const Value *find(StringRef name) { return file.find(("tokenizer.ggml." + name).str()); }
  void expects(StringRef name, const Twine &what, const Value &value) {
    diagnostics.report("tokenizer.ggml." + name, "expects " + what + ", but got " + value.describe());
  }
  std::string readString(StringRef name, StringRef otherwise);
  std::vector<std::string> readStrings(StringRef name);
  std::optional<bool> readBool(StringRef name);
  std::optional<uint32_t> readToken(StringRef name, size_t vocabulary);
  void readTypes(TokenizerModel &model);
  void readScores(TokenizerModel &model);
  void readMerges(TokenizerModel &model);
  void readRoles(TokenizerModel &model);
  std::string readCharsmap();
  /// Compares the length of a list that has one element a token.
  bool isPerToken(StringRef name, const Value &value, size_t vocabulary);

  const File &file;
  Diagnostics &diagnostics;
};
} // namespace

std::string TokenizerReader::readString(StringRef name, StringRef otherwise) {
  const Value *value = find(name);
  if (!value)
    return otherwise.str();
  if (std::optional<StringRef> text = value->asString())
    return text->str();
  expects(name, "a string", *value);
  return otherwise.str();
}

std::vector<std::string> TokenizerReader::readStrings(StringRef name) {
  std::vector<std::string> result;
  const Value *value = find(name);
  if (value && !value->forEachString([&](StringRef text) { result.push_back(text.str()); }))
    expects(name, "an array of strings", *value);
  return result;
}

std::optional<bool> TokenizerReader::readBool(StringRef name) {
  const Value *value = find(name);
  if (value && !value->asBool())
    expects(name, "a bool", *value);
  return value ? value->asBool() : std::nullopt;
}

std::optional<uint32_t> TokenizerReader::readToken(StringRef name, size_t vocabulary) {
  const Value *value = find(name);
  if (!value)
    return std::nullopt;
  std::optional<uint64_t> token = value->asUnsigned();
  if (!token)
    expects(name, "a token's number", *value);
  else if (*token >= vocabulary)
    diagnostics.report("tokenizer.ggml." + name, "expects a token below " + Twine(vocabulary) + ", but got " + Twine(*token));
  else
    return static_cast<uint32_t>(*token);
  return std::nullopt;
}

bool TokenizerReader::isPerToken(StringRef name, const Value &value, size_t vocabulary) {
  if (value.isArray() && value.size() == vocabulary)
    return true;
  expects(name, "an array of " + Twine(vocabulary) + " numbers, one a token", value);
  return false;
}

void TokenizerReader::readTypes(TokenizerModel &model) {
  const Value *value = find("token_type");
  if (!value || !isPerToken("token_type", *value, model.tokens.size()))
    return;
  for (uint64_t i = 0; i < value->size(); ++i) {
    std::optional<int64_t> type = value->signedAt(i);
    if (!type || *type < 1 || *type > 6) {
      diagnostics.report("tokenizer.ggml.token_type",
                         "expects numbers of 1 to 6, but element " + Twine(i) + " is " + (type ? Twine(*type).str() : "none"));
      return;
    }
    model.types.push_back(static_cast<int32_t>(*type));
  }
}

void TokenizerReader::readScores(TokenizerModel &model) {
  const Value *value = find("scores");
  if (!value || !isPerToken("scores", *value, model.tokens.size()))
    return;
  for (uint64_t i = 0; i < value->size(); ++i) {
    std::optional<double> score = value->floatAt(i);
    if (!score)
      return expects("scores", "numbers", *value);
    model.scores.push_back(*score);
  }
}

/// The space between the tokens of a pair is the first behind the first character.
void TokenizerReader::readMerges(TokenizerModel &model) {
  for (const std::string &text : readStrings("merges")) {
    StringRef merge = text;
    size_t space = merge.find(' ', 1);
    model.merges.emplace_back(merge.take_front(space), space == StringRef::npos ? StringRef() : merge.drop_front(space + 1));
  }
}

void TokenizerReader::readRoles(TokenizerModel &model) {
  size_t vocabulary = model.tokens.size();
  model.bos = readToken("bos_token_id", vocabulary);
  model.eos = readToken("eos_token_id", vocabulary);
  model.eot = readToken("eot_token_id", vocabulary);
  model.pad = readToken("padding_token_id", vocabulary);
  model.unk = readToken("unknown_token_id", vocabulary);
  model.cls = readToken("cls_token_id", vocabulary);
  model.sep = readToken("seperator_token_id", vocabulary); // spelled so
}

std::string TokenizerReader::readCharsmap() {
  std::string result;
  const Value *value = find("precompiled_charsmap");
  for (uint64_t i = 0; value && value->isArray() && i < value->size(); ++i) {
    std::optional<int64_t> byte = value->signedAt(i);
    if (!byte || *byte < -128 || *byte > 255)
      break;
    result.push_back(static_cast<char>(*byte));
  }
  if (value && (!value->isArray() || result.size() != value->size()))
    expects("precompiled_charsmap", "an array of bytes", *value);
  return result;
}

TokenizerModel TokenizerReader::read(TokenizerKind kind) {
  TokenizerModel model;
  model.kind = kind;
  model.preTokenizer = readString("pre", model.preTokenizer);
  model.tokens = readStrings("tokens");
  readMerges(model);
  if (model.tokens.empty())
    diagnostics.report("tokenizer.ggml.tokens", "expects an array of at least one string");
  readTypes(model);
  readScores(model);
  readRoles(model);
  model.addBos = readBool("add_bos_token");
  model.addEos = readBool("add_eos_token");
  model.addSpacePrefix = readBool("add_space_prefix");
  model.removeExtraWhitespaces = readBool("remove_extra_whitespaces").value_or(false);
  model.charsmap = readCharsmap();
  model.lowercase = readBool("normalizer.lowercase");
  model.stripAccents = readBool("normalizer.strip_accents");
  if (const Value *chatTemplate = file.find("tokenizer.chat_template")) {
    if (std::optional<StringRef> text = chatTemplate->asString())
      model.chatTemplate = text->str();
    else
      diagnostics.report("tokenizer.chat_template", "expects a string, but got " + chatTemplate->describe());
  }
  return model;
}

std::optional<TokenizerModel> tenon::gguf::readTokenizer(const File &file, Diagnostics &diagnostics) {
  const Value *kindName = file.find("tokenizer.ggml.model");
  if (!kindName || kindName->asString() == "no_vocab" || kindName->asString() == "none")
    return std::nullopt;
  size_t before = diagnostics.count();
  llvm::Expected<TokenizerKind> kind = parseTokenizerKind(kindName->asString().value_or(kindName->describe()));
  if (!kind) {
    diagnostics.report("tokenizer.ggml.model", llvm::toString(kind.takeError()));
    return std::nullopt;
  }
  TokenizerModel model = TokenizerReader(file, diagnostics).read(*kind);
  if (diagnostics.count() != before)
    return std::nullopt;
  return model;
}

std::vector<int64_t> tenon::gguf::endTokens(const File &file, const TokenizerModel &tokenizer) {
  // Chat models end a turn with a token of their own beside the end of a text that they were trained with.
  static constexpr StringRef known[] = {"<|endoftext|>", "<|im_end|>", "<|eot_id|>",   "<|end_of_text|>",
                                        "<|eom_id|>",    "<|end|>",    "<end_of_turn>"};
  std::vector<int64_t> result;
  for (std::optional<uint32_t> token : {tokenizer.eos, tokenizer.eot})
    if (token)
      result.push_back(*token);
  for (auto [token, type] : llvm::enumerate(tokenizer.types))
    if (type == static_cast<int32_t>(TokenType::Control) && llvm::is_contained(known, tokenizer.tokens[token]))
      result.push_back(static_cast<int64_t>(token));
  llvm::sort(result);
  result.erase(llvm::unique(result), result.end());
  return result;
}
