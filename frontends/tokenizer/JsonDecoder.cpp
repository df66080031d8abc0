//===- JsonDecoder.cpp - what stands around a text, and what tokens are written as -*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A decoder changes tokens one by one, so that what each token is written as can be found here once. Only the start of a text is another
// matter: what becomes of spaces there is left to the runtime.
//===----------------------------------------------------------------------===//

#include "tenon/frontends/tokenizer/ReaderImpl.h"
#include "tenon/frontends/tokenizer/SpellingImpl.h"
#include "tenon/runtime/text/format.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"

#include <functional>

using namespace llvm;
using namespace tenon;

static constexpr unsigned maxDepth = 8;

//===----------------------------------------------------------------------===//
// Post-processors
//===----------------------------------------------------------------------===//

namespace {
/// The tokens in front of a text and behind it.
struct Surroundings {
  std::vector<uint32_t> prefix, suffix;
};
} // namespace

static void readTokenIds(TokenizerDraft &draft, JsonView ids, std::vector<uint32_t> &out) {
  if (!ids.isArray())
    return ids.expects("a list of numbers of tokens");
  ids.forEach([&](JsonView at) {
    std::optional<uint32_t> id = at.integer(TENON_TEXT_MAX_TOKENS);
    if (id && *id >= draft.model.tokens.size())
      at.report("expects a token below " + Twine(draft.model.tokens.size()) + ", but got " + Twine(*id));
    else if (id)
      out.push_back(*id);
  });
}

static Surroundings readTemplate(TokenizerDraft &draft, JsonView json) {
  Surroundings result;
  bool behind = false;
  json["single"].forEach([&](JsonView part) {
    if (part["Sequence"].exists()) {
      if (behind)
        part.report("a text that comes twice is not supported");
      behind = true;
    } else if (std::optional<std::string> name = part["SpecialToken"]["id"].string()) {
      readTokenIds(draft, json["special_tokens"][*name]["ids"], behind ? result.suffix : result.prefix);
    } else {
      part.expects("a Sequence or a SpecialToken");
    }
  });
  if (!behind)
    json["single"].expects("the text among the parts");
  return result;
}

/// ["[SEP]", 102]
static void readPair(TokenizerDraft &draft, JsonView pair, std::vector<uint32_t> &out) {
  std::optional<uint32_t> id = pair[1].integer(TENON_TEXT_MAX_TOKENS);
  if (!id || *id >= draft.model.tokens.size())
    return pair.expects("a token and its number below " + Twine(draft.model.tokens.size()));
  out.push_back(*id);
}

static void readPostProcessor(TokenizerDraft &draft, JsonView json, unsigned depth) {
  if (!json.exists())
    return;
  std::string type = json.text("type");
  if (type == "Sequence" && depth < maxDepth)
    return json["processors"].forEach([&](JsonView step) { readPostProcessor(draft, step, depth + 1); });
  if (type == "ByteLevel")
    return;
  Surroundings found;
  if (type == "TemplateProcessing") {
    found = readTemplate(draft, json);
  } else if (type == "BertProcessing" || type == "RobertaProcessing") {
    readPair(draft, json["cls"], found.prefix);
    readPair(draft, json["sep"], found.suffix);
  } else {
    return json.report("post-processor '" + type +
                       "' is not supported; expects one of BertProcessing, ByteLevel, RobertaProcessing, Sequence, TemplateProcessing");
  }
  // What comes later stands further out.
  found.prefix.insert(found.prefix.end(), draft.pipeline.prefix.begin(), draft.pipeline.prefix.end());
  draft.pipeline.prefix = std::move(found.prefix);
  draft.pipeline.suffix.insert(draft.pipeline.suffix.end(), found.suffix.begin(), found.suffix.end());
}

void tenon::readJsonPostProcessor(TokenizerDraft &draft, JsonView json) {
  readPostProcessor(draft, json, 0);
}

//===----------------------------------------------------------------------===//
// Decoders
//===----------------------------------------------------------------------===//

namespace {

/// The steps of a decoder, composed.
class Decoder {
public:
  explicit Decoder(TokenizerDraft &draft) : draft(draft) {}
  void read(JsonView json, unsigned depth);
  std::string decode(StringRef token) const;

private:
  void readStrip(JsonView json);
  void readWordPiece(JsonView json);
  void readMetaspace(JsonView json);
  void add(std::function<std::string(StringRef)> step) { steps.push_back(std::move(step)); }

  TokenizerDraft &draft;
  std::vector<std::function<std::string(StringRef)>> steps;
  bool fused = false; ///< what follows sees the text as one
};

} // namespace

static std::string stripped(StringRef text, StringRef what, uint32_t front, uint32_t back) {
  while (front-- && text.consume_front(what)) {
  }
  while (back-- && text.consume_back(what)) {
  }
  return text.str();
}

void Decoder::readStrip(JsonView json) {
  std::string what = json.text("content");
  uint32_t front = json["start"].integer(1000).value_or(0), back = json["stop"].integer(1000).value_or(0);
  if (what.empty())
    return json["content"].expects("a character");
  if (!fused)
    return add([=](StringRef token) { return stripped(token, what, front, back); });
  if (front == 0 && back == 0)
    return;
  if (what != " " || front != 1 || back != 0)
    return json.report("taking away from a whole text anything but one space at its start is not supported");
  draft.pipeline.first = TENON_TEXT_FIRST_STRIP;
}

void Decoder::readWordPiece(JsonView json) {
  std::string prefix = json["prefix"].exists() ? json.text("prefix") : "##";
  bool cleanUp = json.flag("cleanup", true);
  add([=](StringRef token) {
    bool continues = !prefix.empty() && token.consume_front(prefix);
    return textOfWordPiece(token, continues, cleanUp);
  });
  draft.pipeline.first = TENON_TEXT_FIRST_WORD;
}

void Decoder::readMetaspace(JsonView json) {
  std::string mark = json["replacement"].exists() ? json.text("replacement") : "\xe2\x96\x81";
  std::string scheme = json["prepend_scheme"].exists()       ? json.text("prepend_scheme")
                       : json.flag("add_prefix_space", true) ? "always"
                                                             : "never";
  add([=](StringRef token) { return replaceAll(token, mark, " "); });
  if (scheme != "never")
    draft.pipeline.first = TENON_TEXT_FIRST_TOKEN;
}

void Decoder::read(JsonView json, unsigned depth) {
  std::string type = json.text("type");
  if (type == "Sequence" && depth < maxDepth)
    return json["decoders"].forEach([&](JsonView step) { read(step, depth + 1); });
  if (fused && type != "Strip" && type != "Fuse")
    return json.report("decoder '" + type + "' of a whole text is not supported");
  if (type == "ByteLevel")
    return add([](StringRef token) { return bytesOfByteAlphabet(token).value_or(token.str()); });
  if (type == "ByteFallback")
    return add([](StringRef token) { return bytesOfByteToken(token).value_or(token.str()); });
  if (type == "Fuse") {
    fused = true;
    return;
  }
  if (type == "Strip")
    return readStrip(json);
  if (type == "WordPiece")
    return readWordPiece(json);
  if (type == "Metaspace")
    return readMetaspace(json);
  if (type == "Replace") {
    std::string what = json["pattern"].text("String"), by = json.text("content");
    if (what.empty())
      return json["pattern"].expects("a String");
    return add([=](StringRef token) { return replaceAll(token, what, by); });
  }
  json.report("decoder '" + type +
              "' is not supported; expects one of ByteFallback, ByteLevel, Fuse, Metaspace, Replace, Sequence, Strip, WordPiece");
}

std::string Decoder::decode(StringRef token) const {
  std::string text = token.str();
  for (const auto &step : steps)
    text = step(text);
  return text;
}

static void spellToken(TokenizerDraft &draft, uint32_t id, function_ref<std::string(StringRef)> decode) {
  const std::string &token = draft.model.tokens[id];
  std::string spelling = token;
  bool reachable = draft.isOfModel[id] && draft.model.types[id] != 0;
  bool continues = draft.model.kind == TokenizerKind::WordPiece && StringRef(token).starts_with(draft.partPrefix);
  if (draft.model.kind == TokenizerKind::ByteLevelBpe && reachable) {
    std::optional<std::string> bytes = bytesOfByteAlphabet(token);
    reachable = bytes.has_value();
    spelling = bytes.value_or(token);
  }
  std::string text = decode(token);
  // A token that spells a byte has no other text than that byte.
  if (draft.byteTokens && draft.isOfModel[id] && draft.model.types[id] == int32_t(TokenType::Normal))
    if (std::optional<std::string> byte = bytesOfByteToken(token)) {
      draft.model.types[id] = int32_t(TokenType::Byte);
      text = *byte;
    }
  draft.pipeline.spellings.push_back(std::move(spelling));
  draft.pipeline.texts.push_back(std::move(text));
  draft.pipeline.attributes.push_back((reachable ? 0 : TENON_TEXT_UNREACHABLE) | (continues ? TENON_TEXT_CONTINUES : 0));
}

void tenon::readJsonDecoder(TokenizerDraft &draft, JsonView json) {
  Decoder decoder(draft);
  if (json.exists())
    decoder.read(json, 0);
  else // tokens are words
    draft.pipeline.first = TENON_TEXT_FIRST_STRIP;
  for (uint32_t id = 0; id < draft.model.tokens.size(); ++id)
    spellToken(draft, id, [&](StringRef token) { return json.exists() ? decoder.decode(token) : " " + token.str(); });
  draft.pipeline.flags |= draft.byteTokens ? TENON_TEXT_FLAG_BYTES : 0;
  draft.model.scores.resize(draft.model.kind == TokenizerKind::Unigram ? draft.model.tokens.size() : 0);
}
