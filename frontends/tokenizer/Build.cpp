//===- Build.cpp - write the artifact's tokenizer -----------------*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The file's spellings are turned into the bytes that they stand for, merges into ids, and roles of tokens into attributes. What does not
// hold together is refused here, where the file's own words can still be quoted.
//===----------------------------------------------------------------------===//

#include "tenon/frontends/tokenizer/PreTokenizersImpl.h"
#include "tenon/frontends/tokenizer/SpellingImpl.h"
#include "tenon/frontends/tokenizer/Tokenizer.h"
#include "tenon/runtime/text/format.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/Endian.h"

#include <bit>
#include <cmath>

using namespace llvm;
using namespace tenon;

// Spellings of tokens that end a turn of a chat, by which they are found in files that do not say; the first in the vocabulary is it.
static constexpr StringLiteral endOfTurn[] = {"<|eot_id|>",      "<|im_end|>",         "<|end|>", "<end_of_turn>", "<|endoftext|>",
                                              "<|end_of_text|>", "<end_of_utterance>", "<EOT>",   "_<EOT>",        "[EOT]"};
// Control tokens that end generation wherever they come.
static constexpr StringLiteral endOfGeneration[] = {"<|eot_id|>",    "<|im_end|>", "<|end|>",       "<|return|>",      "<|call|>",
                                                    "<end_of_turn>", "<|eom_id|>", "<|endoftext|>", "<|end_of_text|>", "<EOT>",
                                                    "_<EOT>",        "[EOT]",      "[EOS]"};

namespace {

/// One blob being written: the model, its pre-tokenizer and the parts of the file so far.
class BlobWriter {
public:
  BlobWriter(const TokenizerModel &model, std::vector<std::string> *notes) : model(model), notes(notes) {}
  Expected<std::vector<uint8_t>> write();

private:
  Error checkCounts();
  Error readTypes();
  Error spellTokens();
  Error resolveMerges();
  Error resolveRoles();
  std::vector<uint8_t> assemble() const;

  bool isBpe() const { return model.kind == TokenizerKind::ByteLevelBpe; }
  void note(const Twine &text) const {
    if (notes)
      notes->push_back(text.str());
  }

  const TokenizerModel &model;
  std::vector<std::string> *notes;
  PreTokenizer preTokenizer = {};
  std::vector<TokenType> types;
  std::vector<std::string> spellings; ///< the bytes each token stands for
  std::vector<uint8_t> attributes;
  std::vector<uint8_t> merges;
  uint32_t mergeCount = 0;
  std::optional<uint32_t> eot;
  uint32_t flags = 0;
};

} // namespace

static void appendWord(std::vector<uint8_t> &out, uint32_t word) {
  uint8_t bytes[4];
  support::endian::write32le(bytes, word);
  out.insert(out.end(), bytes, bytes + 4);
}

static void appendBytes(std::vector<uint8_t> &out, StringRef bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

Error BlobWriter::checkCounts() {
  size_t count = model.tokens.size();
  if (count == 0 || count > TENON_TEXT_MAX_TOKENS)
    return createStringError("expects between 1 and " + Twine(TENON_TEXT_MAX_TOKENS) + " tokens, but got " + Twine(count));
  if (!model.types.empty() && model.types.size() != count)
    return createStringError("expects a type for each of " + Twine(count) + " tokens, but got " + Twine(model.types.size()));
  if (!isBpe() && model.scores.size() != count)
    return createStringError("expects a score for each of " + Twine(count) + " tokens, but got " + Twine(model.scores.size()));
  if (any_of(model.scores, [](float score) { return std::isnan(score); }))
    return createStringError("a token's score is not a number");
  if (model.removeExtraWhitespaces)
    return createStringError("a tokenizer that removes extra spaces is not supported");
  if (model.chatTemplate.size() > TENON_TEXT_MAX_TEMPLATE_BYTES)
    return createStringError("expects a chat template of at most " + Twine(TENON_TEXT_MAX_TEMPLATE_BYTES) + " bytes, but got " +
                             Twine(model.chatTemplate.size()));
  return Error::success();
}

Error BlobWriter::readTypes() {
  types.assign(model.tokens.size(), TokenType::Normal);
  for (auto [id, type] : enumerate(model.types)) {
    // 0 is "undefined" in the files of some converters.
    if (type < 0 || type > int32_t(TokenType::Byte))
      return createStringError("token " + Twine(id) + " has type " + Twine(type) + ", but expects 1 to 6");
    if (type != 0)
      types[id] = TokenType(type);
  }
  return Error::success();
}

Error BlobWriter::spellTokens() {
  for (auto [id, token] : enumerate(model.tokens)) {
    std::optional<std::string> bytes = token;
    if (types[id] == TokenType::Byte)
      bytes = bytesOfByteToken(token);
    else if (types[id] == TokenType::Normal || types[id] == TokenType::Unused)
      bytes = isBpe() ? bytesOfByteAlphabet(token) : bytesOfSpacedPiece(token);
    if (!bytes && types[id] == TokenType::Byte)
      return createStringError("byte token " + Twine(id) + " is '" + token + "', but expects the form <0x0A>");
    // A token outside the byte alphabet can not be reached by merging; it keeps its spelling.
    if (!bytes)
      bytes = token;
    if (bytes->size() > TENON_TEXT_MAX_TOKEN_BYTES)
      return createStringError("token " + Twine(id) + " has " + Twine(bytes->size()) + " bytes, but expects at most " +
                               Twine(TENON_TEXT_MAX_TOKEN_BYTES));
    spellings.push_back(std::move(*bytes));
  }
  return Error::success();
}

Error BlobWriter::resolveMerges() {
  if (!isBpe())
    return Error::success();
  StringMap<uint32_t> ids;
  for (auto [id, token] : enumerate(model.tokens))
    if (types[id] == TokenType::Normal)
      ids.try_emplace(token, id);
  size_t dropped = 0;
  for (auto [rank, merge] : enumerate(model.merges)) {
    // A space that belongs to a token is spelled otherwise.
    auto [left, right] = StringRef(merge).split(' ');
    if (left.empty() || right.empty())
      return createStringError("merge " + Twine(rank) + " is '" + merge + "', but expects two tokens");
    auto leftId = ids.find(left), rightId = ids.find(right), result = ids.find((left + right).str());
    if (leftId == ids.end() || rightId == ids.end() || result == ids.end()) {
      ++dropped;
      continue;
    }
    for (uint32_t id : {leftId->second, rightId->second, result->second})
      appendWord(merges, id);
    ++mergeCount;
  }
  if (dropped)
    note(Twine(dropped) + " of " + Twine(model.merges.size()) + " merges name tokens that the vocabulary lacks; they are left out");
  return Error::success();
}

Error BlobWriter::resolveRoles() {
  const std::pair<StringRef, std::optional<uint32_t>> roles[] = {
      {"bos", model.bos}, {"eos", model.eos}, {"eot", model.eot}, {"pad", model.pad}, {"unk", model.unk}};
  for (auto [name, id] : roles)
    if (id && *id >= model.tokens.size())
      return createStringError("the " + name + " token is " + Twine(*id) + ", but the vocabulary has " + Twine(model.tokens.size()));

  StringMap<uint32_t> ids;
  for (auto [id, token] : enumerate(model.tokens))
    ids.try_emplace(token, id);
  eot = model.eot;
  for (StringRef name : endOfTurn)
    if (auto found = ids.find(name); !eot && found != ids.end() && types[found->second] != TokenType::Normal)
      eot = found->second;

  for (TokenType type : types)
    attributes.push_back(uint8_t(type));
  for (std::optional<uint32_t> id : {model.eos, eot})
    if (id)
      attributes[*id] |= TENON_TEXT_END;
  for (StringRef name : endOfGeneration)
    if (auto found = ids.find(name); found != ids.end() && types[found->second] == TokenType::Control)
      attributes[found->second] |= TENON_TEXT_END;

  bool addBos = model.addBos.value_or(isBpe() ? preTokenizer.addBos : true);
  if (addBos && !model.bos)
    note("the tokenizer adds BOS but the file names no such token; none is added");
  flags |= addBos && model.bos ? TENON_TEXT_FLAG_ADD_BOS : 0;
  flags |= model.addEos.value_or(false) && model.eos ? TENON_TEXT_FLAG_ADD_EOS : 0;
  flags |= !isBpe() && model.addSpacePrefix.value_or(true) ? TENON_TEXT_FLAG_SPACE_PREFIX : 0;
  flags |= preTokenizer.wholeWords ? TENON_TEXT_FLAG_WHOLE_WORDS : 0;
  return Error::success();
}

std::vector<uint8_t> BlobWriter::assemble() const {
  std::vector<uint8_t> sections[TENON_TEXT_SECTION_COUNT];
  for (const std::string &bytes : spellings) {
    appendBytes(sections[TENON_TEXT_SECTION_TOKEN_BYTES], bytes);
    appendWord(sections[TENON_TEXT_SECTION_TOKEN_ENDS], sections[TENON_TEXT_SECTION_TOKEN_BYTES].size());
  }
  sections[TENON_TEXT_SECTION_ATTRIBUTES] = attributes;
  if (!isBpe())
    for (float score : model.scores)
      appendWord(sections[TENON_TEXT_SECTION_SCORES], std::bit_cast<uint32_t>(score));
  sections[TENON_TEXT_SECTION_MERGES] = merges;
  for (StringRef pattern : preTokenizer.patterns) {
    appendWord(sections[TENON_TEXT_SECTION_PATTERNS], pattern.size());
    appendBytes(sections[TENON_TEXT_SECTION_PATTERNS], pattern);
  }
  appendBytes(sections[TENON_TEXT_SECTION_TEMPLATE], model.chatTemplate);

  std::vector<uint8_t> table, body;
  for (const std::vector<uint8_t> &section : sections) {
    appendWord(table, section.empty() ? 0 : 4 * TENON_TEXT_HEADER_WORDS + body.size());
    appendWord(table, section.size());
    body.insert(body.end(), section.begin(), section.end());
    body.resize(alignTo(body.size(), 4));
  }

  std::vector<uint8_t> blob;
  auto word = [](std::optional<uint32_t> id) { return id.value_or(TENON_TEXT_NO_TOKEN); };
  for (uint32_t value :
       {uint32_t(TENON_TEXT_MAGIC), TENON_TEXT_VERSION, uint32_t(4 * TENON_TEXT_HEADER_WORDS + body.size()),
        uint32_t(isBpe() ? TENON_TEXT_KIND_BYTE_BPE : TENON_TEXT_KIND_SENTENCEPIECE), flags, uint32_t(model.tokens.size()), mergeCount,
        uint32_t(preTokenizer.patterns.size()), word(model.bos), word(model.eos), word(eot), word(model.pad), word(model.unk)})
    appendWord(blob, value);
  blob.insert(blob.end(), table.begin(), table.end());
  blob.insert(blob.end(), body.begin(), body.end());
  return blob;
}

Expected<std::vector<uint8_t>> BlobWriter::write() {
  if (isBpe()) {
    Expected<PreTokenizer> found = findPreTokenizer(model.preTokenizer);
    if (!found)
      return found.takeError();
    preTokenizer = *found;
  }
  for (auto step :
       {&BlobWriter::checkCounts, &BlobWriter::readTypes, &BlobWriter::spellTokens, &BlobWriter::resolveMerges, &BlobWriter::resolveRoles})
    if (Error error = (this->*step)())
      return std::move(error);
  uint64_t size = 0;
  for (const std::string &bytes : spellings)
    size += bytes.size();
  if (size + merges.size() + (uint64_t(1) << 28) > UINT32_MAX)
    return createStringError("the vocabulary is too large: " + Twine(size + merges.size()) + " bytes");
  return assemble();
}

Expected<TokenizerKind> tenon::parseTokenizerKind(StringRef name) {
  std::optional<TokenizerKind> kind = StringSwitch<std::optional<TokenizerKind>>(name)
                                          .Case("gpt2", TokenizerKind::ByteLevelBpe)
                                          .Case("llama", TokenizerKind::SentencePiece)
                                          .Default(std::nullopt);
  if (kind)
    return *kind;
  return createStringError("tokenizer model '" + name + "' is not supported; expects one of gpt2, llama");
}

Expected<std::vector<uint8_t>> tenon::buildTokenizerBlob(const TokenizerModel &model, std::vector<std::string> *notes) {
  return BlobWriter(model, notes).write();
}
