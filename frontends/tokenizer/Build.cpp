//===- Build.cpp - write the artifact's tokenizer ---------------*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Merges are turned into ids, roles of tokens into attributes, patterns into PCRE2's words. What does not hold together is refused here,
// where the file's own words can still be quoted.
//===----------------------------------------------------------------------===//

#include "tenon/frontends/tokenizer/ConventionsImpl.h"
#include "tenon/frontends/tokenizer/PatternImpl.h"
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

/// One blob being written: the model, its pipeline and the parts of the file so far.
class BlobWriter {
public:
  BlobWriter(const TokenizerModel &model, std::vector<std::string> *notes) : model(model), notes(notes) {}
  Expected<std::vector<uint8_t>> write();

private:
  Error checkCounts();
  Error readTypes();
  Error checkPipeline();
  Error resolveMerges();
  Error resolveRoles();
  Error writeSteps();
  std::vector<uint8_t> assemble() const;

  bool isScored() const { return model.kind == TokenizerKind::SentencePiece || model.kind == TokenizerKind::Unigram; }
  bool isMerged() const { return model.kind == TokenizerKind::ByteLevelBpe || model.kind == TokenizerKind::Bpe; }
  double unknownScore() const;
  void note(const Twine &text) const {
    if (notes)
      notes->push_back(text.str());
  }

  const TokenizerModel &model;
  std::vector<std::string> *notes;
  TextPipeline pipeline;
  std::vector<TokenType> types;
  std::vector<uint8_t> attributes;
  std::vector<uint8_t> merges;
  uint32_t mergeCount = 0;
  std::vector<uint8_t> normalizers, splits;
  std::optional<uint32_t> eot;
};

} // namespace

static void appendWord(std::vector<uint8_t> &out, uint32_t word) {
  uint8_t bytes[4];
  support::endian::write32le(bytes, word);
  out.insert(out.end(), bytes, bytes + 4);
}

static void appendDouble(std::vector<uint8_t> &out, double value) {
  uint64_t bits = std::bit_cast<uint64_t>(value);
  appendWord(out, uint32_t(bits));
  appendWord(out, uint32_t(bits >> 32));
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
  if (isScored() && model.scores.size() != count)
    return createStringError("expects a score for each of " + Twine(count) + " tokens, but got " + Twine(model.scores.size()));
  if (any_of(model.scores, [](double score) { return std::isnan(score); }))
    return createStringError("a token's score is not a number");
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

/// Fills in what the file left to convention, and checks that what it says fits the tokens.
Error BlobWriter::checkPipeline() {
  if (model.pipeline) {
    pipeline = *model.pipeline;
  } else {
    Expected<TextPipeline> found = conventionalPipeline(model, types, notes);
    if (!found)
      return found.takeError();
    pipeline = std::move(*found);
  }
  size_t count = model.tokens.size();
  if (pipeline.spellings.size() != count || pipeline.texts.size() != count || pipeline.attributes.size() != count)
    return createStringError("expects a spelling, a text and attributes for each of " + Twine(count) + " tokens");
  for (const std::vector<std::string> *all : {&pipeline.spellings, &pipeline.texts})
    for (auto [id, bytes] : enumerate(*all))
      if (bytes.size() > TENON_TEXT_MAX_TOKEN_BYTES)
        return createStringError("token " + Twine(id) + " has " + Twine(bytes.size()) + " bytes, but expects at most " +
                                 Twine(TENON_TEXT_MAX_TOKEN_BYTES));
  for (const std::vector<uint32_t> *around : {&pipeline.prefix, &pipeline.suffix})
    for (uint32_t id : *around)
      if (id >= count || around->size() > TENON_TEXT_MAX_AROUND)
        return createStringError("expects at most " + Twine(TENON_TEXT_MAX_AROUND) + " tokens of the vocabulary around a text");
  for (const AddedToken &added : pipeline.added)
    if (added.id >= count)
      return createStringError("added token " + Twine(added.id) + " is not below " + Twine(count));
  return Error::success();
}

Error BlobWriter::resolveMerges() {
  if (!isMerged())
    return Error::success();
  StringMap<uint32_t> ids;
  for (auto [id, token] : enumerate(model.tokens))
    if (!(pipeline.attributes[id] & TENON_TEXT_UNREACHABLE))
      ids.try_emplace(token, id);
  size_t dropped = 0;
  for (auto [rank, merge] : enumerate(model.merges)) {
    auto [left, right] = merge;
    if (left.empty() || right.empty())
      return createStringError("merge " + Twine(rank) + " is '" + left + " " + right + "', but expects two tokens");
    auto leftId = ids.find(left), rightId = ids.find(right), result = ids.find(left + right);
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

static void appendStep(std::vector<uint8_t> &out, const TextStep &step) {
  appendWord(out, step.code);
  appendWord(out, step.option);
  appendWord(out, step.first.size());
  appendWord(out, step.second.size());
  appendBytes(out, step.first);
  appendBytes(out, step.second);
  out.resize(alignTo(out.size(), 4));
}

Error BlobWriter::writeSteps() {
  for (const std::vector<TextStep> *steps : {&pipeline.normalizers, &pipeline.splits})
    if (steps->size() > TENON_TEXT_MAX_STEPS)
      return createStringError("expects at most " + Twine(TENON_TEXT_MAX_STEPS) + " steps that change or cut the text, but got " +
                               Twine(steps->size()));
  for (TextStep step : pipeline.normalizers) {
    if (step.code == TENON_TEXT_NORMALIZE_PATTERN) {
      Expected<TranslatedPattern> pattern = translatePattern(step.first);
      if (!pattern)
        return pattern.takeError();
      step.first = pattern->full;
    }
    appendStep(normalizers, step);
  }
  for (TextStep step : pipeline.splits) {
    if (step.code == TENON_TEXT_SPLIT_PATTERN) {
      Expected<TranslatedPattern> pattern = translatePattern(step.first);
      if (!pattern)
        return pattern.takeError();
      step.first = pattern->full;
      step.second = pattern->ascii;
      if (step.first.empty() || step.first.size() > TENON_TEXT_MAX_PATTERN_BYTES || step.second.size() > TENON_TEXT_MAX_PATTERN_BYTES)
        return createStringError("expects a pattern of 1 to " + Twine(TENON_TEXT_MAX_PATTERN_BYTES) + " bytes, but got " +
                                 Twine(std::max(step.first.size(), step.second.size())));
    }
    appendStep(splits, step);
  }
  return Error::success();
}

/// What a character that no token spells counts for: far less than any token.
double BlobWriter::unknownScore() const {
  double lowest = 0;
  bool any = false;
  if (model.kind == TokenizerKind::Unigram)
    for (auto [id, score] : enumerate(model.scores))
      if (model.pipeline ? !(pipeline.attributes[id] & TENON_TEXT_UNREACHABLE) : types[id] == TokenType::Normal) {
        lowest = any ? std::min(lowest, score) : score;
        any = true;
      }
  return lowest - 10;
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

  for (auto [id, type] : enumerate(types))
    attributes.push_back(uint8_t(type) | pipeline.attributes[id]);
  for (std::optional<uint32_t> id : {model.eos, eot})
    if (id)
      attributes[*id] |= TENON_TEXT_END;
  for (StringRef name : endOfGeneration)
    if (auto found = ids.find(name); found != ids.end() && types[found->second] == TokenType::Control)
      attributes[found->second] |= TENON_TEXT_END;

  pipeline.flags |= model.bos && is_contained(pipeline.prefix, *model.bos) ? TENON_TEXT_FLAG_ADD_BOS : 0;
  pipeline.flags |= model.eos && is_contained(pipeline.suffix, *model.eos) ? TENON_TEXT_FLAG_ADD_EOS : 0;
  if ((pipeline.flags & TENON_TEXT_FLAG_UNKNOWN) && !model.unk)
    return createStringError("expects an unknown token where the model writes it");
  return Error::success();
}

static void appendStrings(std::vector<uint8_t> &ends, std::vector<uint8_t> &bytes, ArrayRef<std::string> strings) {
  for (const std::string &text : strings) {
    appendBytes(bytes, text);
    appendWord(ends, bytes.size());
  }
}

static uint32_t kindOf(TokenizerKind kind) {
  switch (kind) {
  case TokenizerKind::ByteLevelBpe:
    return TENON_TEXT_KIND_BYTE_BPE;
  case TokenizerKind::SentencePiece:
    return TENON_TEXT_KIND_SENTENCEPIECE;
  case TokenizerKind::Bpe:
    return TENON_TEXT_KIND_BPE;
  case TokenizerKind::Unigram:
    return TENON_TEXT_KIND_UNIGRAM;
  case TokenizerKind::WordPiece:
    return TENON_TEXT_KIND_WORDPIECE;
  case TokenizerKind::Words:
    return TENON_TEXT_KIND_WORDS;
  case TokenizerKind::Longest:
    return TENON_TEXT_KIND_LONGEST;
  }
  llvm_unreachable("all kinds are covered");
}

std::vector<uint8_t> BlobWriter::assemble() const {
  std::vector<uint8_t> sections[TENON_TEXT_SECTION_COUNT];
  appendStrings(sections[TENON_TEXT_SECTION_TOKEN_ENDS], sections[TENON_TEXT_SECTION_TOKEN_BYTES], pipeline.spellings);
  if (pipeline.texts != pipeline.spellings)
    appendStrings(sections[TENON_TEXT_SECTION_TEXT_ENDS], sections[TENON_TEXT_SECTION_TEXT_BYTES], pipeline.texts);
  sections[TENON_TEXT_SECTION_ATTRIBUTES] = attributes;
  if (isScored())
    for (double score : model.scores)
      appendDouble(sections[TENON_TEXT_SECTION_SCORES], score);
  sections[TENON_TEXT_SECTION_MERGES] = merges;
  for (const AddedToken &added : pipeline.added) {
    appendWord(sections[TENON_TEXT_SECTION_ADDED], added.id);
    appendWord(sections[TENON_TEXT_SECTION_ADDED], added.flags);
  }
  sections[TENON_TEXT_SECTION_NORMALIZERS] = normalizers;
  sections[TENON_TEXT_SECTION_SPLITS] = splits;
  for (uint32_t id : pipeline.prefix)
    appendWord(sections[TENON_TEXT_SECTION_PREFIX], id);
  for (uint32_t id : pipeline.suffix)
    appendWord(sections[TENON_TEXT_SECTION_SUFFIX], id);
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
  for (uint32_t value : {uint32_t(TENON_TEXT_MAGIC), TENON_TEXT_VERSION, uint32_t(4 * TENON_TEXT_HEADER_WORDS + body.size()),
                         kindOf(model.kind), pipeline.flags, uint32_t(model.tokens.size()), mergeCount, word(model.bos), word(model.eos),
                         word(eot), word(model.pad), word(model.unk), pipeline.wordCharacters, pipeline.continues, pipeline.first})
    appendWord(blob, value);
  appendDouble(blob, unknownScore());
  blob.insert(blob.end(), table.begin(), table.end());
  blob.insert(blob.end(), body.begin(), body.end());
  return blob;
}

Expected<std::vector<uint8_t>> BlobWriter::write() {
  for (auto step : {&BlobWriter::checkCounts, &BlobWriter::readTypes, &BlobWriter::checkPipeline, &BlobWriter::resolveMerges,
                    &BlobWriter::resolveRoles, &BlobWriter::writeSteps})
    if (Error error = (this->*step)())
      return std::move(error);
  uint64_t size = 8 * model.scores.size() + merges.size() + 8 * pipeline.added.size() + normalizers.size() + splits.size();
  for (const std::vector<std::string> *all : {&pipeline.spellings, &pipeline.texts})
    for (const std::string &bytes : *all)
      size += bytes.size();
  if (size + (uint64_t(1) << 28) > UINT32_MAX)
    return createStringError("the vocabulary is too large: " + Twine(size) + " bytes");
  return assemble();
}

Expected<TokenizerKind> tenon::parseTokenizerKind(StringRef name) {
  std::optional<TokenizerKind> kind = StringSwitch<std::optional<TokenizerKind>>(name)
                                          .Case("gpt2", TokenizerKind::ByteLevelBpe)
                                          .Case("llama", TokenizerKind::SentencePiece)
                                          .Case("bert", TokenizerKind::WordPiece)
                                          .Case("t5", TokenizerKind::Unigram)
                                          .Case("gemma4", TokenizerKind::Bpe)
                                          .Case("rwkv", TokenizerKind::Longest)
                                          .Default(std::nullopt);
  if (kind)
    return *kind;
  return createStringError("tokenizer model '" + name + "' is not supported; expects one of gpt2, llama, bert, t5, gemma4, rwkv");
}

Expected<std::vector<uint8_t>> tenon::buildTokenizerBlob(const TokenizerModel &model, std::vector<std::string> *notes) {
  return BlobWriter(model, notes).write();
}
