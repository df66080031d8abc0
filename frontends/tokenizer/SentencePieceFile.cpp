//===- SentencePieceFile.cpp - read SentencePiece's own file ----*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The file is one message of protocol buffers: pieces (field 1), how the model was trained (2) and how text is normalised (3). Fields that
// are not needed are passed over by their wire type.
//===----------------------------------------------------------------------===//

#include "tenon/frontends/tokenizer/ReaderImpl.h"
#include "tenon/runtime/text/format.h"

#include "llvm/ADT/Twine.h"
#include "llvm/Support/Endian.h"

#include <bit>

using namespace llvm;
using namespace tenon;

namespace {

/// A field: a number, or bytes.
struct Field {
  uint32_t number = 0;
  uint64_t value = 0;
  StringRef bytes;
};

/// The fields of a message, one after the other.
class Message {
public:
  explicit Message(StringRef bytes) : rest(bytes) {}
  /// The next field; nothing at the end, and where the message is damaged.
  std::optional<Field> next();
  bool isDamaged() const { return damaged; }

private:
  std::optional<uint64_t> varint();
  std::optional<StringRef> take(uint64_t size);

  StringRef rest;
  bool damaged = false;
};

class ModelFileReader {
public:
  ModelFileReader(StringRef name, Diagnostics &diagnostics) : name(name), diagnostics(diagnostics) {}
  std::optional<TokenizerModel> read(StringRef bytes);

private:
  bool readPiece(StringRef bytes);
  bool readTraining(StringRef bytes);
  bool readNormalizer(StringRef bytes);
  void finish();

  StringRef name;
  Diagnostics &diagnostics;
  TokenizerModel model;
  uint64_t kind = 1;
  int32_t unk = 0, bos = 1, eos = 2, pad = -1;
};

} // namespace

std::optional<uint64_t> Message::varint() {
  uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && !rest.empty(); shift += 7) {
    uint8_t byte = rest.front();
    rest = rest.drop_front();
    value |= uint64_t(byte & 0x7f) << shift;
    if (byte < 0x80)
      return value;
  }
  return std::nullopt;
}

std::optional<StringRef> Message::take(uint64_t size) {
  if (size > rest.size())
    return std::nullopt;
  StringRef taken = rest.take_front(size);
  rest = rest.drop_front(size);
  return taken;
}

std::optional<Field> Message::next() {
  if (rest.empty())
    return std::nullopt;
  damaged = true;
  std::optional<uint64_t> key = varint();
  if (!key || *key >> 3 == 0 || *key >> 32)
    return std::nullopt;
  Field field;
  field.number = uint32_t(*key >> 3);
  std::optional<StringRef> bytes;
  switch (*key & 7) {
  case 0: {
    std::optional<uint64_t> value = varint();
    if (!value)
      return std::nullopt;
    field.value = *value;
    damaged = false;
    return field;
  }
  case 1:
    bytes = take(8);
    break;
  case 2:
    if (std::optional<uint64_t> size = varint())
      bytes = take(*size);
    break;
  case 5:
    bytes = take(4);
    break;
  default:
    break;
  }
  if (!bytes)
    return std::nullopt;
  field.bytes = *bytes;
  damaged = false;
  return field;
}

bool ModelFileReader::readPiece(StringRef bytes) {
  Message message(bytes);
  std::string piece;
  float score = 0;
  uint64_t type = 1;
  while (std::optional<Field> field = message.next()) {
    if (field->number == 1)
      piece = field->bytes.str();
    else if (field->number == 2 && field->bytes.size() == 4)
      score = std::bit_cast<float>(support::endian::read32le(field->bytes.data()));
    else if (field->number == 3)
      type = field->value;
  }
  if (type < 1 || type > 6)
    diagnostics.report((name + ".pieces[" + Twine(model.tokens.size()) + "]"), "expects a type of 1 to 6, but got " + Twine(type));
  model.tokens.push_back(std::move(piece));
  model.scores.push_back(score);
  model.types.push_back(int32_t(type));
  return !message.isDamaged();
}

bool ModelFileReader::readTraining(StringRef bytes) {
  Message message(bytes);
  while (std::optional<Field> field = message.next()) {
    if (field->number == 3)
      kind = field->value;
    // Absent roles are -1.
    for (auto [number, id] : {std::pair(40u, &unk), std::pair(41u, &bos), std::pair(42u, &eos), std::pair(43u, &pad)})
      if (field->number == number)
        *id = int32_t(field->value);
    if (field->number == 24 && field->value)
      diagnostics.report((name + ".trainer_spec"), "spaces behind words are not supported");
  }
  return !message.isDamaged();
}

bool ModelFileReader::readNormalizer(StringRef bytes) {
  Message message(bytes);
  model.addSpacePrefix = model.removeExtraWhitespaces = true;
  while (std::optional<Field> field = message.next()) {
    if (field->number == 2)
      model.charsmap = field->bytes.str();
    else if (field->number == 3)
      model.addSpacePrefix = field->value != 0;
    else if (field->number == 4)
      model.removeExtraWhitespaces = field->value != 0;
    else if (field->number == 5 && !field->value)
      diagnostics.report((name + ".normalizer_spec"), "spaces that stay spaces are not supported");
  }
  return !message.isDamaged();
}

void ModelFileReader::finish() {
  const std::pair<int32_t, std::optional<uint32_t> &> roles[] = {{unk, model.unk}, {bos, model.bos}, {eos, model.eos}, {pad, model.pad}};
  for (auto &[id, role] : roles) {
    if (id >= 0 && uint32_t(id) < model.tokens.size())
      role = uint32_t(id);
    else if (id >= 0)
      diagnostics.report(name + ".trainer_spec", "expects a token below " + Twine(model.tokens.size()) + ", but got " + Twine(id));
  }
  if (kind == 1)
    model.kind = TokenizerKind::Unigram;
  else if (kind == 2)
    model.kind = TokenizerKind::SentencePiece;
  else
    diagnostics.report(name + ".trainer_spec.model_type", "expects 1 (unigram) or 2 (BPE), but got " + Twine(kind));
  if (model.kind == TokenizerKind::Unigram) {
    model.addBos = model.addBos.value_or(false);
    model.addEos = model.addEos.value_or(model.eos.has_value());
  }
}

std::optional<TokenizerModel> ModelFileReader::read(StringRef bytes) {
  size_t before = diagnostics.count();
  Message message(bytes);
  bool whole = true;
  while (std::optional<Field> field = message.next()) {
    if (model.tokens.size() == TENON_TEXT_MAX_TOKENS)
      break;
    if (field->number == 1)
      whole &= readPiece(field->bytes);
    else if (field->number == 2)
      whole &= readTraining(field->bytes);
    else if (field->number == 3)
      whole &= readNormalizer(field->bytes);
  }
  if (message.isDamaged() || !whole)
    diagnostics.report(name, "is no SentencePiece model: its fields do not hold together");
  else if (model.tokens.empty())
    diagnostics.report(name, "expects at least one piece");
  else
    finish();
  if (diagnostics.count() != before)
    return std::nullopt;
  return std::move(model);
}

std::optional<TokenizerModel> tenon::readSentencePieceFile(StringRef bytes, StringRef name, Diagnostics &diagnostics) {
  return ModelFileReader(name, diagnostics).read(bytes);
}
