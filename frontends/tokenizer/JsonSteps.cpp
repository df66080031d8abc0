//===- JsonSteps.cpp - the normalizer and the pre-tokenizer of a tokenizer.json -*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/frontends/tokenizer/PatternImpl.h"
#include "tenon/frontends/tokenizer/ReaderImpl.h"
#include "tenon/runtime/text/format.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/Base64.h"

using namespace llvm;
using namespace tenon;

static constexpr unsigned maxDepth = 8;
static constexpr StringLiteral punctuation = R"([\p{P}!-/:-@\[-`{-~])";
static constexpr StringLiteral gpt2Words = R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

/// Calls `read` with a step, or with each of a sequence of them.
static void forEachStep(JsonView json, const char *members, unsigned depth, function_ref<void(JsonView, StringRef)> read) {
  if (!json.exists())
    return;
  std::string type = json.text("type");
  if (type != "Sequence")
    return read(json, type);
  if (depth == maxDepth)
    return json.report("expects sequences nested at most " + Twine(maxDepth) + " deep");
  json[members].forEach([&](JsonView step) { forEachStep(step, members, depth + 1, read); });
}

//===----------------------------------------------------------------------===//
// Normalizers
//===----------------------------------------------------------------------===//

static void readBert(std::vector<TextStep> &steps, JsonView json) {
  bool lowercase = json.flag("lowercase", true);
  if (json.flag("clean_text", true))
    steps.push_back({TENON_TEXT_NORMALIZE_CLEAN, 0, {}, {}});
  if (json.flag("handle_chinese_chars", true))
    steps.push_back({TENON_TEXT_NORMALIZE_SPACE_CJK, 0, {}, {}});
  if (json.flag("strip_accents", lowercase)) {
    steps.push_back({TENON_TEXT_NORMALIZE_FORM, 0, {}, {}});
    steps.push_back({TENON_TEXT_NORMALIZE_STRIP_MARKS, 1, {}, {}});
  }
  if (lowercase)
    steps.push_back({TENON_TEXT_NORMALIZE_LOWERCASE, 0, {}, {}});
}

static void readReplace(std::vector<TextStep> &steps, JsonView json) {
  JsonView pattern = json["pattern"];
  std::string content = json.text("content");
  std::optional<std::string> text = pattern["String"].string(), expression = pattern["Regex"].string();
  if (text && !text->empty())
    steps.push_back({TENON_TEXT_NORMALIZE_REPLACE, 0, *text, content});
  else if (expression && !expression->empty())
    steps.push_back({TENON_TEXT_NORMALIZE_PATTERN, 0, *expression, content});
  else
    pattern.expects("a String or a Regex");
}

static void readCharsmap(std::vector<TextStep> &steps, JsonView json) {
  JsonView map = json["precompiled_charsmap"];
  std::vector<char> bytes;
  std::optional<std::string> text = map.string();
  if (Error error = decodeBase64(text.value_or(""), bytes)) {
    map.report("is not base64: " + toString(std::move(error)));
    return;
  }
  if (bytes.size() < 8)
    return map.expects("a map of characters");
  steps.push_back({TENON_TEXT_NORMALIZE_CHARSMAP, 1, std::string(bytes.begin(), bytes.end()), {}});
}

static std::optional<TextStep> plainNormalizer(JsonView json, StringRef type) {
  return StringSwitch<std::optional<TextStep>>(type)
      .Case("NFC", TextStep{TENON_TEXT_NORMALIZE_FORM, TENON_TEXT_FORM_COMPOSE, {}, {}})
      .Case("NFD", TextStep{TENON_TEXT_NORMALIZE_FORM, 0, {}, {}})
      .Case("NFKC", TextStep{TENON_TEXT_NORMALIZE_FORM, TENON_TEXT_FORM_COMPOSE | TENON_TEXT_FORM_COMPATIBLE, {}, {}})
      .Case("NFKD", TextStep{TENON_TEXT_NORMALIZE_FORM, TENON_TEXT_FORM_COMPATIBLE, {}, {}})
      .Case("Lowercase", TextStep{TENON_TEXT_NORMALIZE_LOWERCASE, 0, {}, {}})
      .Case("StripAccents", TextStep{TENON_TEXT_NORMALIZE_STRIP_MARKS, 0, {}, {}})
      .Case("Nmt", TextStep{TENON_TEXT_NORMALIZE_NMT, 0, {}, {}})
      .Default(std::nullopt);
}

static void readNormalizer(std::vector<TextStep> &steps, JsonView json, StringRef type) {
  if (std::optional<TextStep> plain = plainNormalizer(json, type))
    return steps.push_back(*plain);
  if (type == "BertNormalizer")
    return readBert(steps, json);
  if (type == "Replace")
    return readReplace(steps, json);
  if (type == "Precompiled")
    return readCharsmap(steps, json);
  if (type == "Prepend") {
    std::string text = json.text("prepend");
    if (!text.empty())
      steps.push_back({TENON_TEXT_NORMALIZE_PREPEND, 0, text, {}});
    return;
  }
  if (type == "Strip") {
    uint32_t sides = (json.flag("strip_left", true) ? 1 : 0) | (json.flag("strip_right", true) ? 2 : 0);
    return steps.push_back({TENON_TEXT_NORMALIZE_STRIP, sides, {}, {}});
  }
  json.report("normalizer '" + type +
              "' is not supported; expects one of BertNormalizer, Lowercase, NFC, NFD, NFKC, NFKD, Nmt, Precompiled, Prepend, Replace, "
              "Sequence, Strip, StripAccents");
}

void tenon::readJsonNormalizer(TokenizerDraft &draft, JsonView json) {
  forEachStep(json, "normalizers", 0, [&](JsonView step, StringRef type) { readNormalizer(draft.pipeline.normalizers, step, type); });
}

//===----------------------------------------------------------------------===//
// Pre-tokenizers
//===----------------------------------------------------------------------===//

static std::optional<uint32_t> readBehavior(JsonView json) {
  std::string name = json.exists() ? json.string().value_or("") : "Isolated";
  std::optional<uint32_t> behavior = StringSwitch<std::optional<uint32_t>>(name)
                                         .CaseLower("isolated", TENON_TEXT_CUT_ISOLATED)
                                         .CaseLower("removed", TENON_TEXT_CUT_REMOVED)
                                         .CaseLower("contiguous", TENON_TEXT_CUT_CONTIGUOUS)
                                         .CasesLower({"mergedwithprevious", "merged_with_previous"}, TENON_TEXT_CUT_WITH_PREVIOUS)
                                         .CasesLower({"mergedwithnext", "merged_with_next"}, TENON_TEXT_CUT_WITH_NEXT)
                                         .Default(std::nullopt);
  if (!behavior)
    json.expects("one of Isolated, Removed, Contiguous, MergedWithPrevious, MergedWithNext");
  return behavior;
}

static void readSplit(std::vector<TextStep> &steps, JsonView json) {
  JsonView pattern = json["pattern"];
  std::optional<std::string> text = pattern["String"].string(), expression = pattern["Regex"].string();
  std::optional<uint32_t> behavior = readBehavior(json["behavior"]);
  if (!text && !expression)
    return pattern.expects("a String or a Regex");
  if (!behavior)
    return;
  std::string cut = text ? quotePattern(*text) : *expression;
  // What is empty cuts nothing.
  if (!cut.empty())
    steps.push_back({TENON_TEXT_SPLIT_PATTERN, *behavior | (json.flag("invert", false) ? TENON_TEXT_CUT_INVERT : 0), cut, {}});
}

static void readMetaspace(std::vector<TextStep> &steps, JsonView json) {
  JsonView mark = json["replacement"], scheme = json["prepend_scheme"];
  std::string name = scheme.exists() ? scheme.string().value_or("") : json.flag("add_prefix_space", true) ? "always" : "never";
  std::optional<uint32_t> option = StringSwitch<std::optional<uint32_t>>(name)
                                       .Case("always", TENON_TEXT_METASPACE_ALWAYS)
                                       .Case("first", TENON_TEXT_METASPACE_FIRST)
                                       .Case("never", 0)
                                       .Default(std::nullopt);
  std::string text = mark.exists() ? mark.string().value_or("") : "\xe2\x96\x81";
  if (!option)
    return scheme.expects("one of always, first, never");
  if (text.empty())
    return mark.expects("a character");
  steps.push_back({TENON_TEXT_SPLIT_METASPACE, *option | (json.flag("split", true) ? TENON_TEXT_METASPACE_SPLIT : 0), text, {}});
}

static void cutAt(std::vector<TextStep> &steps, StringRef pattern, uint32_t how) {
  steps.push_back({TENON_TEXT_SPLIT_PATTERN, how, pattern.str(), {}});
}

static void readByteLevel(TokenizerDraft &draft, JsonView json) {
  std::vector<TextStep> &steps = draft.pipeline.splits;
  if (json.flag("add_prefix_space", true))
    steps.push_back({TENON_TEXT_SPLIT_SPACE, 0, {}, {}});
  if (json.flag("use_regex", true))
    cutAt(steps, gpt2Words, TENON_TEXT_CUT_ISOLATED);
  draft.byteLevel = true;
}

static void readDelimiter(std::vector<TextStep> &steps, JsonView json) {
  std::string delimiter = json.text("delimiter");
  if (delimiter.empty())
    return json["delimiter"].expects("a character");
  cutAt(steps, quotePattern(delimiter), TENON_TEXT_CUT_REMOVED);
}

static void readPreTokenizer(TokenizerDraft &draft, JsonView json, StringRef type) {
  std::vector<TextStep> &steps = draft.pipeline.splits;
  // What follows the change to GPT-2's alphabet sees its letters.
  if (draft.byteLevel && none_of(steps, [](const TextStep &step) { return step.code == TENON_TEXT_SPLIT_ALPHABET; }))
    steps.push_back({TENON_TEXT_SPLIT_ALPHABET, 0, {}, {}});
  if (type == "ByteLevel") {
    if (draft.byteLevel)
      return json.report("a second change to bytes is not supported");
    return readByteLevel(draft, json);
  }
  if (type == "Split")
    return readSplit(steps, json);
  if (type == "Metaspace")
    return readMetaspace(steps, json);
  if (type == "CharDelimiterSplit")
    return readDelimiter(steps, json);
  if (type == "Digits")
    return cutAt(steps, json.flag("individual_digits", false) ? R"(\p{N})" : R"(\p{N}+)", TENON_TEXT_CUT_ISOLATED);
  if (type == "WhitespaceSplit")
    return cutAt(steps, R"(\s)", TENON_TEXT_CUT_REMOVED);
  if (type == "Whitespace")
    return cutAt(steps, R"([\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\x{200c}\x{200d}]+|[^\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\x{200c}\x{200d}\s]+)",
                 TENON_TEXT_CUT_REMOVED | TENON_TEXT_CUT_INVERT);
  if (type == "BertPreTokenizer") {
    cutAt(steps, R"(\s)", TENON_TEXT_CUT_REMOVED);
    return cutAt(steps, punctuation, TENON_TEXT_CUT_ISOLATED);
  }
  if (type == "Punctuation") {
    if (std::optional<uint32_t> behavior = readBehavior(json["behavior"]))
      cutAt(steps, punctuation, *behavior);
    return;
  }
  json.report("pre-tokenizer '" + type +
              "' is not supported; expects one of BertPreTokenizer, ByteLevel, CharDelimiterSplit, Digits, Metaspace, Punctuation, "
              "Sequence, Split, Whitespace, WhitespaceSplit");
}

void tenon::readJsonPreTokenizer(TokenizerDraft &draft, JsonView json) {
  forEachStep(json, "pretokenizers", 0, [&](JsonView step, StringRef type) { readPreTokenizer(draft, step, type); });
  if (!draft.byteLevel)
    return;
  if (draft.model.kind != TokenizerKind::Bpe)
    return json.report("bytes as pieces are supported only for the model BPE");
  draft.model.kind = TokenizerKind::ByteLevelBpe;
  draft.pipeline.flags |= draft.model.unk ? 0 : TENON_TEXT_FLAG_CLOSE_GAPS;
}
