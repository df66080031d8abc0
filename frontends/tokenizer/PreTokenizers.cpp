//===- PreTokenizers.cpp - the pre-tokenizers that GGUF names -----*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A GGUF file names its pre-tokenizer; what the name means is this table. The expressions are those that the models were trained with,
// in PCRE2's syntax, with two changes that leave what they match alone:
//
// * \s is spelled out: PCRE2 counts U+180E as space, the tokenizers' own engines do not.
// * Where a model first isolates digits and then applies GPT-2's expression, one expression does both in one pass: a digit is a match of
//   its own, and a digit ends a run of spaces as the end of the text does.
//===----------------------------------------------------------------------===//

#include "tenon/frontends/tokenizer/PreTokenizersImpl.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace llvm;
using namespace tenon;

// The characters of Unicode's White_Space, for use inside brackets.
#define SPACE R"(\x09-\x0d\x20\x85\xa0\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000})"
#define CONTRACTION R"('s|'t|'re|'ve|'m|'ll|'d)"
#define ANY_CASE_CONTRACTION R"((?i:'s|'t|'re|'ve|'m|'ll|'d))"
// Spaces up to the last one before a word, which belongs to the word.
#define SPACES "[" SPACE "]+(?![^" SPACE "])|[" SPACE "]+"
#define LINES "[" SPACE R"(]*[\r\n]+)"
#define UPPER R"(\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M})"
#define LOWER R"(\p{Ll}\p{Lm}\p{Lo}\p{M})"

static const StringRef gpt2[] = {CONTRACTION R"(| ?\p{L}+| ?\p{N}+| ?[^)" SPACE R"(\p{L}\p{N}]+|)" SPACES};

static const StringRef digitsThenGpt2[] = {R"(\p{N}|)" CONTRACTION R"(| ?\p{L}+| ?[^)" SPACE R"(\p{L}\p{N}]+|[)" SPACE "]+(?![^" SPACE
                                           R"(\p{N}])|[)" SPACE "]+"};

static const StringRef llama3[] = {ANY_CASE_CONTRACTION R"(|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^)" SPACE R"(\p{L}\p{N}]+[\r\n]*|)" LINES
                                                        "|" SPACES};

static const StringRef qwen2[] = {ANY_CASE_CONTRACTION R"(|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^)" SPACE R"(\p{L}\p{N}]+[\r\n]*|)" LINES
                                                       "|" SPACES};

static const StringRef qwen35[] = {ANY_CASE_CONTRACTION R"(|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^)" SPACE
                                                        R"(\p{L}\p{M}\p{N}]+[\r\n]*|)" LINES "|" SPACES};

static const StringRef gpt4o[] = {R"([^\r\n\p{L}\p{N}]?[)" UPPER "]*[" LOWER "]+" ANY_CASE_CONTRACTION R"(?|[^\r\n\p{L}\p{N}]?[)" UPPER
                                  "]+[" LOWER "]*" ANY_CASE_CONTRACTION R"(?|\p{N}{1,3}| ?[^)" SPACE R"(\p{L}\p{N}]+[\r\n/]*|)" LINES
                                  "|" SPACES};

static const StringRef tekken[] = {R"([^\r\n\p{L}\p{N}]?[)" UPPER "]*[" LOWER R"(]+|[^\r\n\p{L}\p{N}]?[)" UPPER "]+[" LOWER
                                   R"(]*|\p{N}| ?[^)" SPACE R"(\p{L}\p{N}]+[\r\n/]*|)" LINES "|" SPACES};

static const StringRef falcon[] = {R"([\p{P}$+<=>^~|`]+)", gpt2[0], "[0-9][0-9][0-9]"};

static const StringRef deepseekCoder[] = {R"([\r\n])", "[" SPACE R"(]?\p{L}+)", "[" SPACE R"(]?\p{P}+)",
                                          R"([\x{4e00}-\x{9fa5}\x{800}-\x{4e00}\x{ac00}-\x{d7ff}]+)", R"(\p{N})"};

// {name, patterns, whole words, BOS where the file does not say}
static const PreTokenizer table[] = {
    {"gpt-2", gpt2, false, false},
    {"phi-2", gpt2, false, false},
    {"mpt", gpt2, false, false},
    {"olmo", gpt2, false, false},
    {"jais", gpt2, false, false},
    {"modern-bert", gpt2, false, false},
    {"smollm", digitsThenGpt2, false, false},
    {"starcoder", digitsThenGpt2, false, false},
    {"refact", digitsThenGpt2, false, false},
    {"command-r", digitsThenGpt2, false, false},
    {"codeshell", digitsThenGpt2, false, false},
    {"exaone", digitsThenGpt2, false, false},
    {"minerva-7b", digitsThenGpt2, false, false},
    {"llama-bpe", llama3, true, true},
    {"llama3", llama3, true, true},
    {"llama-v3", llama3, true, true},
    {"falcon3", llama3, true, true},
    {"pixtral", llama3, true, true},
    {"lfm2", llama3, true, true},
    {"dbrx", llama3, false, false},
    {"smaug-bpe", llama3, false, false},
    {"chatglm-bpe", llama3, false, false},
    {"qwen2", qwen2, false, false},
    {"deepseek-r1-qwen", qwen2, false, false},
    {"megrez", qwen2, false, false},
    {"stablelm2", qwen2, false, false},
    {"hunyuan", qwen2, false, false},
    {"qwen35", qwen35, false, false},
    {"gpt-4o", gpt4o, false, false},
    {"llama4", gpt4o, false, false},
    {"tekken", tekken, true, false},
    {"falcon", falcon, false, false},
    {"deepseek-coder", deepseekCoder, false, false},
};

Expected<PreTokenizer> tenon::findPreTokenizer(StringRef name) {
  const PreTokenizer *row = find_if(table, [&](const PreTokenizer &row) { return row.name == name; });
  if (row != std::end(table))
    return *row;
  return createStringError("pre-tokenizer '" + name + "' is not supported; expects one of " +
                           join(map_range(table, [](const PreTokenizer &row) { return row.name; }), ", "));
}
