//===- FamilyTest.cpp - descriptors, expressions and their problems ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/frontends/families/Expression.h"
#include "tenon/frontends/families/Resolve.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace tenon;

namespace {

std::string evaluate(llvm::StringRef text) {
  llvm::StringMap<int64_t> sizes = {{"heads", 9}, {"head_dim", 64}};
  std::string problem;
  std::optional<int64_t> value = evaluateSizes(text, sizes, problem);
  return value ? std::to_string(*value) : problem;
}

TEST(Expression, MultipliesAndDividesFromTheLeft) {
  EXPECT_EQ(evaluate("12"), "12");
  EXPECT_EQ(evaluate("heads * head_dim"), "576");
  EXPECT_EQ(evaluate(" 2*heads*head_dim/ 4 "), "288");
}

TEST(Expression, SaysWhatIsWrong) {
  EXPECT_EQ(evaluate("head_dim / heads"), "64 is not a multiple of 9 in \"head_dim / heads\"");
  EXPECT_EQ(evaluate("tails"), "there is no number \"tails\" in \"tails\"");
  EXPECT_EQ(evaluate(""), "there is no number \"\" in \"\"");
  EXPECT_EQ(evaluate("heads * "), "there is no number \"\" in \"heads * \"");
  EXPECT_EQ(evaluate("heads / 0"), "9 is not a multiple of 0 in \"heads / 0\"");
  EXPECT_THAT(evaluate("9000000000 * 9000000000"), testing::HasSubstr("does not fit"));
}

std::string problemsOf(llvm::StringRef json) {
  Diagnostics diagnostics;
  EXPECT_EQ(parseFamily(json, diagnostics).has_value(), diagnostics.empty());
  std::string result;
  for (const Problem &problem : diagnostics.problems())
    result += problem.path + ": " + problem.message + "\n";
  return result;
}

// Every descriptor that is built in is sound, and no two describe the same files.
TEST(Family, BuiltinOnesAreSound) {
  std::set<std::pair<std::string, std::string>> described;
  for (llvm::StringRef json : builtinFamilies()) {
    Diagnostics diagnostics;
    std::optional<Family> family = parseFamily(json, diagnostics);
    ASSERT_TRUE(family) << problemsOf(json);
    for (const FamilySource &source : family->sources)
      for (const std::string &architecture : source.architectures)
        EXPECT_TRUE(described.insert({source.format, architecture}).second) << architecture;
  }
  EXPECT_TRUE(described.count({"gguf", "llama"}));
}

TEST(Family, ReportsWhatIsNoDescriptor) {
  EXPECT_EQ(problemsOf("{"), "the descriptor: is not JSON\n");
  EXPECT_THAT(problemsOf("[]"), testing::HasSubstr("the descriptor: expects an object, but got array"));
  EXPECT_THAT(problemsOf("{}"), testing::HasSubstr("the descriptor: lacks the member family"));
  EXPECT_THAT(problemsOf(R"({"family": 3})"), testing::HasSubstr("family: expects a string, but got number"));
  EXPECT_THAT(problemsOf(std::string(100000, '[')), testing::HasSubstr("is not JSON"));
}

TEST(Family, ReportsPlaces) {
  std::string problems = problemsOf(R"({
    "family": "f",
    "block": {"norm": "batch", "colour": "red"},
    "parameters": {"embedding.weight": {}, "extra.weight": {"shape": []}, "output.weight": {"shape": ["a"], "tied": "b"}},
    "layer_parameters": {"query.weight": {"shape": "hidden", "optional": 1}},
    "sources": {"gguf": {"architectures": ["f"], "sizes": {"layers": [{}], "depth": []}, "reals": {},
                         "tensors": {"final_norm.weight": "n"}, "layer_tensors": {}}}
  })");
  for (const char *expected :
       {"block.norm: expects one of rms, layer, but got batch", "block.colour: is no option of a block",
        "parameters.embedding.weight: lacks the member shape", "parameters.extra.weight: is none of",
        "parameters.output.weight: is tied to b, which is not defined",
        "layer_parameters.query.weight.shape: expects an array, but got string",
        "layer_parameters.query.weight.optional: expects true or false, but got number",
        "sources.gguf.sizes.layers[0]: expects one of key, count and value", "sources.gguf.sizes.depth: is no number of a block",
        "sources.gguf.sizes: lacks the member hidden", "sources.gguf.reals: lacks the member norm_eps",
        "sources.gguf.tensors.final_norm.weight: is not among the parameters", "sources.gguf.tensors: has no tensor for output.weight",
        "sources.gguf: has a block that needs the parameter key.weight"})
    EXPECT_THAT(problems, testing::HasSubstr(expected));
}

} // namespace
