//===- PreTokenizers.cpp - the pre-tokenizers that GGUF names ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A GGUF file names its pre-tokenizer; what the name means is this table. The expressions are those that the models were trained with, in
// Oniguruma's syntax; Pattern.cpp translates them.
//
// Where a model first isolates digits and then applies GPT-2's expression, one expression does both in one pass: a digit is a match of its
// own, and a digit ends a run of spaces as the end of the text does.
//===----------------------------------------------------------------------===//

#include "tenon/frontends/tokenizer/PreTokenizersImpl.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace llvm;
using namespace tenon;

#define CONTRACTION R"('s|'t|'re|'ve|'m|'ll|'d)"
#define ANY_CASE_CONTRACTION R"((?i:'s|'t|'re|'ve|'m|'ll|'d))"
#define SPACES R"(\s+(?!\S)|\s+)"
#define LINES R"(\s*[\r\n]+)"
#define UPPER R"(\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M})"
#define LOWER R"(\p{Ll}\p{Lm}\p{Lo}\p{M})"
#define SYMBOLS R"( ?[^\s\p{L}\p{N}]+)"
#define WORD R"([^\r\n\p{L}\p{N}]?\p{L}+)"
#define ASCII_PUNCTUATION R"([!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~])"
// Words by case, as OpenAI's o200k_base has them, with what may follow a word.
#define CASED_WORDS(rest) R"([^\r\n\p{L}\p{N}]?[)" UPPER "]*[" LOWER "]+" rest R"(|[^\r\n\p{L}\p{N}]?[)" UPPER "]+[" LOWER "]*" rest
#define KANA_AND_HAN R"([\x{4e00}-\x{9fa5}\x{3040}-\x{309f}\x{30a0}-\x{30ff}]+)"

static const StringRef gpt2[] = {CONTRACTION R"(| ?\p{L}+| ?\p{N}+|)" SYMBOLS "|" SPACES};

static const StringRef digitsThenGpt2[] = {R"(\p{N}|)" CONTRACTION R"(| ?\p{L}+|)" SYMBOLS R"(|\s+(?![^\s\p{N}])|\s+)"};

static const StringRef llama3[] = {ANY_CASE_CONTRACTION "|" WORD R"(|\p{N}{1,3}|)" SYMBOLS R"([\r\n]*|)" LINES "|" SPACES};

static const StringRef qwen2[] = {ANY_CASE_CONTRACTION "|" WORD R"(|\p{N}|)" SYMBOLS R"([\r\n]*|)" LINES "|" SPACES};

static const StringRef qwen35[] = {ANY_CASE_CONTRACTION R"(|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|)" LINES
                                                        "|" SPACES};

static const StringRef gpt4o[] = {CASED_WORDS(ANY_CASE_CONTRACTION "?") R"(|\p{N}{1,3}|)" SYMBOLS R"([\r\n/]*|)" LINES "|" SPACES};

static const StringRef tinyAya[] = {R"(\d{1,3}(?=(?:\d{3})*\b))", gpt4o[0]};

static const StringRef tekken[] = {CASED_WORDS("") R"(|\p{N}|)" SYMBOLS R"([\r\n/]*|)" LINES "|" SPACES};

static const StringRef falcon[] = {R"([\p{P}$+<=>^~|`]+)", gpt2[0], "[0-9][0-9][0-9]"};

static const StringRef unnamed[] = {R"([\p{P}$+<=>^~|]+)", gpt2[0], R"(\p{N}+)", "[0-9][0-9][0-9]"};

static const StringRef deepseekCoder[] = {R"([\r\n])", R"(\s?\p{L}+)", R"(\s?\p{P}+)",
                                          R"([\x{4e00}-\x{9fa5}\x{800}-\x{4e00}\x{ac00}-\x{d7ff}]+)", R"(\p{N})"};

// The letters with a case, as the model's own file lists them.
static const StringRef deepseekLlm[] = {
    R"([\r\n])",
    R"(\s?[)"
    R"(A-Za-z\x{b5}\x{c0}-\x{d6}\x{d8}-\x{f6}\x{f8}-\x{1ba}\x{1bc}-\x{1bf}\x{1c4}-\x{293}\x{295}-\x{2af}\x{370}-\x{373})"
    R"(\x{376}\x{377}\x{37b}-\x{37d}\x{37f}\x{386}\x{388}-\x{38a}\x{38c}\x{38e}-\x{3a1}\x{3a3}-\x{3f5}\x{3f7}-\x{481})"
    R"(\x{48a}-\x{52f}\x{531}-\x{556}\x{10a0}-\x{10c5}\x{13a0}-\x{13f5}\x{13f8}-\x{13fd}\x{1c90}-\x{1cba}\x{1cbd}-\x{1cbf})"
    R"(\x{1d00}-\x{1d2b}\x{1d6b}-\x{1d77}\x{1d79}-\x{1d9a}\x{1e00}-\x{1f15}\x{1f18}-\x{1f1d}\x{1f20}-\x{1f45})"
    R"(\x{1f48}-\x{1f4d}\x{1f50}-\x{1f57}\x{1f59}\x{1f5b}\x{1f5d}\x{1f5f}-\x{1f7d}\x{1f80}-\x{1fb4}\x{1fb6}-\x{1fbc}\x{1fbe})"
    R"(\x{1fc2}-\x{1fc4}\x{1fc6}-\x{1fcc}\x{1fd0}-\x{1fd3}\x{1fd6}-\x{1fdb}\x{1fe0}-\x{1fec}\x{1ff2}-\x{1ff4})"
    R"(\x{1ff6}-\x{1ffc}\x{2102}\x{2107}\x{210a}-\x{2113}\x{2115}\x{2119}-\x{211d}\x{2124}\x{2126}\x{2128}\x{212a}-\x{212d})"
    R"(\x{212f}-\x{2134}\x{2139}\x{213c}-\x{213f}\x{2145}-\x{2149}\x{214e}\x{2183}\x{2184}\x{2c00}-\x{2c7b}\x{2c7e}-\x{2ce4})"
    R"(\x{2ceb}-\x{2cee}\x{2cf2}\x{2cf3}\x{a640}-\x{a66d}\x{a680}-\x{a69b}\x{a722}-\x{a76f}\x{a771}-\x{a787}\x{a78b}-\x{a78e})"
    R"(\x{ab70}-\x{abbf}\x{fb00}-\x{fb06}\x{fb13}-\x{fb17}\x{ff21}-\x{ff3a}\x{ff41}-\x{ff5a}\x{10400}-\x{1044f})"
    R"(\x{104b0}-\x{104d3}\x{104d8}-\x{104fb}\x{10c80}-\x{10cb2}\x{10cc0}-\x{10cf2}\x{118a0}-\x{118df}\x{1e900}-\x{1e943})"
    R"(]+)",
    R"(\s?[!-/:-~\x{ff01}-\x{ff0f}\x{ff1a}-\x{ff5e}\x{2018}-\x{201f}\x{3000}-\x{3002}]+)",
    R"(\s+$)",
    R"([\x{4e00}-\x{9fa5}\x{800}-\x{4e00}\x{ac00}-\x{d7ff}]+)",
    R"(\p{N}+)"};

static const StringRef deepseekV3[] = {R"(\p{N}{1,3})", KANA_AND_HAN,
                                       ASCII_PUNCTUATION R"([A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|)" LINES
                                                         "|" SPACES};

static const StringRef bloom[] = {R"( ?[^(\s|.,!?\x{2026}\x{3002}\x{ff0c}\x{3001}\x{964}\x{6d4}\x{60c})]+)"};

static const StringRef viking[] = {bloom[0], R"(\p{N})"};

static const StringRef chameleon[] = {
    "<sentinel:[0-9]+>", "(IMGIMG)((A|B|C|D|E|F|G|H|I){1,4})Z", R"(([\t\n]|    |  ))", R"(\p{N})", R"([\p{P}!-/:-@\[-`{-~])", gpt2[0]};

static const StringRef bailing[] = {R"('(?i:[sdmt]|ll|ve|re)|)" WORD R"(|\p{N}|)" SYMBOLS R"([\r\n]*|\s*[\r\n]|)" SPACES};

static const StringRef seedCoder[] = {ANY_CASE_CONTRACTION "|" WORD R"(|\p{N}{1}| ?[^\s\p{L}\p{N}\r\n]+|)" LINES "|" SPACES};

static const StringRef kimi[] = {R"([\p{Han}]+|[^\r\n\p{L}\p{N}]?[)" UPPER R"(&&[^\p{Han}]]*[)" LOWER
                                 R"(&&[^\p{Han}]]+)" ANY_CASE_CONTRACTION R"(?|[^\r\n\p{L}\p{N}]?[)" UPPER R"(&&[^\p{Han}]]+[)" LOWER
                                 R"(&&[^\p{Han}]]*)" ANY_CASE_CONTRACTION R"(?|\p{N}{1,3}|)" SYMBOLS R"([\r\n]*|)" LINES "|" SPACES};

static const StringRef superbpe[] = {R"(\p{N}+)", R"((?=(\d{3})+(?!\d)))"};

static const StringRef minicpm5[] = {R"(\p{N}{1,3})", ANY_CASE_CONTRACTION "|" WORD R"(|\p{N}+|)" SYMBOLS R"([\r\n]*|)" LINES "|" SPACES};

// {name, patterns, whole words, BOS where the file does not say}
static const PreTokenizer table[] = {
    {"gpt-2", gpt2, false, false},
    {"phi-2", gpt2, false, false},
    {"mpt", gpt2, false, false},
    {"olmo", gpt2, false, false},
    {"jais", gpt2, false, false},
    {"jina-es", gpt2, false, false},
    {"jina-de", gpt2, false, false},
    {"jina-v1-en", gpt2, false, false},
    {"jina-v2-es", gpt2, false, false},
    {"jina-v2-de", gpt2, false, false},
    {"jina-v2-code", gpt2, false, false},
    {"roberta-bpe", gpt2, false, false},
    {"gigachat", gpt2, false, false},
    {"a.x-4.0", gpt2, false, false},
    {"mellum", gpt2, false, false},
    {"modern-bert", gpt2, false, false},
    {"exaone4", gpt2, false, false},
    {"trillion", gpt2, false, false},
    {"granite-docling", gpt2, false, false},
    {"smollm", digitsThenGpt2, false, false},
    {"starcoder", digitsThenGpt2, false, false},
    {"refact", digitsThenGpt2, false, false},
    {"command-r", digitsThenGpt2, false, false},
    {"codeshell", digitsThenGpt2, false, false},
    {"exaone", digitsThenGpt2, false, false},
    {"minerva-7b", digitsThenGpt2, false, false},
    {"mellum2", digitsThenGpt2, false, false},
    {"llama-bpe", llama3, true, true},
    {"llama3", llama3, true, true},
    {"llama-v3", llama3, true, true},
    {"falcon3", llama3, true, true},
    {"falcon-h1", llama3, true, true},
    {"pixtral", llama3, true, true},
    {"midm-2.0", llama3, true, true},
    {"lfm2", llama3, true, true},
    {"jina-v5-nano", llama3, true, true},
    {"dbrx", llama3, false, false},
    {"smaug-bpe", llama3, false, false},
    {"chatglm-bpe", llama3, false, false},
    {"glm4", llama3, true, false},
    {"glm5", llama3, true, false},
    {"qwen2", qwen2, false, false},
    {"deepseek-r1-qwen", qwen2, false, false},
    {"megrez", qwen2, false, false},
    {"stablelm2", qwen2, false, false},
    {"hunyuan", qwen2, false, false},
    {"kormo", qwen2, false, false},
    {"f2llmv2", qwen2, false, false},
    {"grok-2", qwen2, false, false},
    {"solar-open", qwen2, false, false},
    {"qwen35", qwen35, false, false},
    {"gpt-4o", gpt4o, false, false},
    {"llama4", gpt4o, false, false},
    {"kanana2", gpt4o, false, false},
    {"talkie", gpt4o, false, false},
    {"minimax-m2", gpt4o, false, false},
    {"granite-embed-multi-97m", gpt4o, true, false},
    {"tiny_aya", tinyAya, false, false},
    {"cohere2moe", tinyAya, false, false},
    {"tekken", tekken, true, true},
    {"falcon", falcon, false, false},
    {"default", unnamed, false, false},
    {"deepseek-coder", deepseekCoder, false, false},
    {"deepseek-llm", deepseekLlm, false, false},
    {"deepseek-v3", deepseekV3, false, false},
    {"hunyuan-dense", deepseekV3, false, false},
    {"joyai-llm", deepseekV3, false, false},
    {"hy_v4", deepseekV3, false, false},
    {"bloom", bloom, false, false},
    {"poro-chat", bloom, false, false},
    {"gpt3-finnish", bloom, false, false},
    {"viking", viking, false, false},
    {"chameleon", chameleon, false, true},
    {"bailingmoe", bailing, false, false},
    {"bailingmoe2", bailing, false, false},
    {"llada-moe", bailing, false, false},
    {"seed-coder", seedCoder, false, false},
    {"kimi-k2", kimi, false, false},
    {"superbpe", superbpe, false, false},
    {"minicpm5", minicpm5, true, false},
};

Expected<PreTokenizer> tenon::findPreTokenizer(StringRef name) {
  const PreTokenizer *row = find_if(table, [&](const PreTokenizer &row) { return row.name == name; });
  if (row != std::end(table))
    return *row;
  return createStringError("pre-tokenizer '" + name + "' is not supported; expects one of " +
                           join(map_range(table, [](const PreTokenizer &row) { return row.name; }), ", "));
}
