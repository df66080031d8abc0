//===- FamilyTest.cpp - descriptors, expressions and their problems ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/frontends/families/Expression.h"
#include "tenon/frontends/families/Resolve.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace tenon;

namespace {

std::string evaluate(llvm::StringRef text, Division division = Division::Whole) {
  llvm::StringMap<Number> names = {{"heads", int64_t{9}}, {"head_dim", int64_t{64}}, {"factor", 0.25}};
  auto lookup = [&](llvm::StringRef name, std::string &problem) -> std::optional<Number> {
    if (auto found = names.find(name); found != names.end())
      return found->second;
    problem = ("there is no number \"" + name + "\"").str();
    return std::nullopt;
  };
  std::string problem;
  std::optional<Number> value = evaluateExpression(text, division, lookup, problem);
  if (!value)
    return problem;
  return value->asWhole() ? std::to_string(*value->asWhole()) : std::to_string(value->asReal());
}

TEST(Expression, HasThePrecedenceOfC) {
  EXPECT_EQ(evaluate("12"), "12");
  EXPECT_EQ(evaluate("heads * head_dim"), "576");
  EXPECT_EQ(evaluate(" 2*heads*head_dim/ 4 "), "288");
  EXPECT_EQ(evaluate("1 + 2 * 3 - 4"), "3");
  EXPECT_EQ(evaluate("(1 + 2) * 3 % 5"), "4");
  EXPECT_EQ(evaluate("-heads + 10"), "1");
  EXPECT_EQ(evaluate("1 + 1 == 2 && !(3 < 2) || heads / 0"), "1");
  EXPECT_EQ(evaluate("heads > 10 ? 1 : heads > 8 ? 2 : 3"), "2");
}

TEST(Expression, ComputesOnlyWhatIsTaken) {
  EXPECT_EQ(evaluate("1 ? 2 : heads / 0"), "2");
  EXPECT_EQ(evaluate("0 ? tails : 2"), "2");
  EXPECT_EQ(evaluate("0 && tails"), "0");
}

TEST(Expression, KnowsReals) {
  EXPECT_EQ(evaluate("heads / 2", Division::Real), "4.500000");
  EXPECT_EQ(evaluate("head_dim * factor"), "16.000000");
  EXPECT_EQ(evaluate("sqrt(head_dim) + max(1, 2) + pow(2, 3)"), "18.000000");
  EXPECT_EQ(evaluate("floor(0.1 * ln(40) * 10 + 1e-5)"), "3");
}

TEST(Expression, SaysWhatIsWrong) {
  EXPECT_EQ(evaluate("head_dim / heads"), "64 is not a multiple of 9 in \"head_dim / heads\"");
  EXPECT_EQ(evaluate("tails"), "there is no number \"tails\" in \"tails\"");
  EXPECT_EQ(evaluate(""), "expects a number or a name, but got \"\" in \"\"");
  EXPECT_EQ(evaluate("heads * "), "expects a number or a name, but got \"\" in \"heads * \"");
  EXPECT_EQ(evaluate("heads / 0"), "a division by 0 in \"heads / 0\"");
  EXPECT_EQ(evaluate("heads 3"), "expects an operator, but got \"3\" in \"heads 3\"");
  EXPECT_EQ(evaluate("(1"), "expects \")\" in \"(1\"");
  EXPECT_EQ(evaluate("1 ? 2"), "expects \":\" after \"?\" in \"1 ? 2\"");
  EXPECT_EQ(evaluate("sin(1)"), "there is no function \"sin\" in \"sin(1)\"");
  EXPECT_EQ(evaluate("min(1)"), "min expects two arguments in \"min(1)\"");
  EXPECT_THAT(evaluate("9000000000 * 9000000000"), testing::HasSubstr("does not fit"));
  EXPECT_THAT(evaluate(std::string(100000, '(')), testing::HasSubstr("nesting is too deep"));
  EXPECT_THAT(evaluate(std::string(100000, '-')), testing::HasSubstr("nesting is too deep"));
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
        EXPECT_TRUE(source.when || described.insert({source.format, architecture}).second) << architecture;
  }
  EXPECT_TRUE(described.count({"gguf", "llama"}));
}

TEST(Family, ReportsWhatIsNoDescriptor) {
  EXPECT_EQ(problemsOf("{"), "the descriptor: is not JSON\n");
  EXPECT_THAT(problemsOf("[]"), testing::HasSubstr("the descriptor: expects an object, but got array"));
  EXPECT_THAT(problemsOf("{}"), testing::HasSubstr("the descriptor: lacks the member family"));
  EXPECT_THAT(problemsOf(R"({"family": 3})"), testing::HasSubstr("family: expects a string, but got number"));
  EXPECT_THAT(problemsOf(std::string(100000, '[')), testing::HasSubstr("nests too deeply"));
}

TEST(Family, ReportsPlaces) {
  std::string problems = problemsOf(R"({
    "family": "f",
    "block": {"norm": "batch", "colour": "red", "function": [{"key": "act", "map": {"a": "swish"}}]},
    "layers": [{"when": {"key": "k"}, "window": 3}],
    "parameters": {"embedding.weight": {"shap": []}, "extra.weight": {}, "output.weight": {"tied": "b"},
                   "query.weight": {"shape": "hidden", "optional": 1}},
    "sources": {"gguf": {"architectures": ["f"], "sizes": {"layers": [{}], "depth": [], "_own": 3}, "reals": {},
                         "tensors": {"query.weight": "q", "embedding.weight": {"rows": [1]}}, "layer_tensors": {}}}
  })");
  for (const char *expected :
       {"block.norm: expects one of rms, layer, but got batch", "block.colour: is no option of a block",
        "block.function: expects one of silu, gelu, gelu_tanh, quick_gelu, relu, relu2, swiglu_clamped, but got swish",
        "layers[0].when: expects an expression, or one of key with is or has", "layers[0].window: is none of when, block, sizes, reals",
        "parameters.embedding.weight.shap: is none of shape, optional", "parameters.extra.weight: is none of",
        "parameters.output.weight.tied: expects a role of the model, but got b",
        "parameters.query.weight.shape: expects an array, but got string",
        "parameters.query.weight.optional: expects true or false, but got number",
        "sources.gguf.sizes.layers[0]: expects one of key, count, index and value", "sources.gguf.sizes.depth: is no number of a block",
        "sources.gguf.tensors.query.weight: is none of embedding.weight",
        "sources.gguf.tensors.embedding.weight: expects either tensor or key",
        "sources.gguf.tensors.embedding.weight.rows: expects the first row", "sources.gguf: leaves the block's option rope open"})
    EXPECT_THAT(problems, testing::HasSubstr(expected));
}

TEST(Family, ExtendsAnother) {
  Diagnostics diagnostics;
  std::optional<Family> family = parseFamily(R"({
    "family": "mine", "extends": "llama",
    "sources": {"huggingface": null, "gguf": {"architectures": ["mine"], "sizes": {"window": null},
                "ignored_keys": {"{arch}.more": "asks for nothing"}}}
  })",
                                             diagnostics);
  ASSERT_TRUE(family);
  EXPECT_EQ(family->name, "mine");
  EXPECT_TRUE(family->examples.empty());
  ASSERT_EQ(family->sources.size(), 1u);
  const FamilySource &source = family->sources.front();
  EXPECT_THAT(source.architectures, testing::ElementsAre("mine"));
  EXPECT_THAT(source.ignoredKeys, testing::Contains("{arch}.more"));
  EXPECT_THAT(source.ignoredKeys, testing::Contains("{arch}.tensor_data_layout"));
  EXPECT_TRUE(llvm::none_of(source.sizes, [](const Definition &size) { return size.name == "window"; }));
  EXPECT_EQ(problemsOf(R"({"family": "f", "extends": 3})"), "extends: expects a string, but got number\n");
  EXPECT_THAT(problemsOf(R"({"family": "f", "extends": "nobody"})"), testing::HasSubstr("extends: there is no family \"nobody\""));
  EXPECT_THAT(problemsOf(R"({"family": "f", "extends": )" + std::string(50, '[') + std::string(50, ']') + "}"),
              testing::HasSubstr("nests too deeply"));
}

} // namespace
