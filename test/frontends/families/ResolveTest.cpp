//===- ResolveTest.cpp - descriptors filled with configurations and shapes ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/frontends/families/Resolve.h"
#include "JsonSource.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace tenon;
using testing::HasSubstr;

namespace {

const char *const plainConfig = R"({"num_hidden_layers": 2, "hidden_size": 8, "intermediate_size": 4, "num_attention_heads": 2,
  "vocab_size": 3, "max_position_embeddings": 9, "rms_norm_eps": 1e-5, "tie_word_embeddings": true})";

/// A model of two layers whose query, key and value are rows of one tensor, with two experts in the second layer.
JsonSource makeSource(llvm::StringRef change = "{}") {
  JsonSource::Json config = JsonSource::Json::parse(plainConfig);
  config.merge_patch(JsonSource::Json::parse(change.str()));
  JsonSource source("huggingface", "Mine", config);
  source.addTensor("model.embed_tokens.weight", {3, 8});
  source.addTensor("model.norm.weight", {8});
  for (std::string layer : {"model.layers.0.", "model.layers.1."}) {
    source.addTensor(layer + "qkv.weight", {24, 8});
    source.addTensor(layer + "self_attn.o_proj.weight", {8, 8});
    source.addTensor(layer + "input_layernorm.weight", {8});
    source.addTensor(layer + "post_attention_layernorm.weight", {8});
  }
  for (std::string part : {"gate_proj", "up_proj", "down_proj"}) {
    llvm::SmallVector<int64_t> shape = {4, 8};
    if (part == "down_proj")
      std::swap(shape[0], shape[1]);
    source.addTensor("model.layers.0.mlp." + part + ".weight", shape);
    for (std::string expert : {"0", "1"})
      source.addTensor("model.layers.1.experts." + expert + "." + part + ".weight", shape);
  }
  source.addTensor("model.layers.1.router.weight", {2, 8});
  return source;
}

const char *const descriptor = R"({
  "family": "mine", "extends": "llama",
  "layers": [{"when": "layer == 1", "block": {"feed_forward": "moe"}, "sizes": {"window": 4}}],
  "sources": {"gguf": null, "huggingface": {
    "architectures": ["Mine"],
    "sizes": {"experts": 2, "experts_used": [{"key": "used"}, {"value": 1}], "expert_feed_forward": "feed_forward"},
    "layer_tensors": {
      "query.weight": {"tensor": "{prefix}layers.{layer}.qkv.weight", "rows": [0, "head_dim", "3 * head_dim"]},
      "key.weight": {"tensor": "{prefix}layers.{layer}.qkv.weight", "rows": ["head_dim", "head_dim", "3 * head_dim"]},
      "value.weight": {"tensor": "{prefix}layers.{layer}.qkv.weight", "rows": ["2 * head_dim", "head_dim", "3 * head_dim"]},
      "router.weight": "{prefix}layers.{layer}.router.weight",
      "expert_gate.weight": "{prefix}layers.{layer}.experts.{expert}.gate_proj.weight",
      "expert_up.weight": "{prefix}layers.{layer}.experts.{expert}.up_proj.weight",
      "expert_down.weight": "{prefix}layers.{layer}.experts.{expert}.down_proj.weight"}}}})";

std::optional<ModelPlan> resolve(const JsonSource &source, std::string &problems) {
  Diagnostics diagnostics;
  std::optional<Family> family = parseFamily(descriptor, diagnostics);
  std::optional<ModelPlan> plan;
  if (family)
    plan = resolveModel(*family, source, [](llvm::StringRef) { return true; }, diagnostics);
  for (const Problem &problem : diagnostics.problems())
    problems += problem.path + ": " + problem.message + "\n";
  EXPECT_EQ(plan.has_value(), problems.empty());
  return plan;
}

std::string problemsOf(llvm::StringRef change) {
  std::string problems;
  resolve(makeSource(change), problems);
  return problems;
}

TEST(Resolve, FindsRowsExpertsAndLayers) {
  std::string problems;
  JsonSource source = makeSource();
  std::optional<ModelPlan> plan = resolve(source, problems);
  ASSERT_TRUE(plan) << problems;
  ASSERT_EQ(plan->layers.size(), 2u);
  const ParameterSource &key = plan->layers[0].parameters.find("key.weight")->second;
  EXPECT_EQ(key.name, "model.layers.0.qkv.weight[key]");
  EXPECT_EQ(key.pieces.front().rows.start, 4);
  EXPECT_EQ(key.pieces.front().rows.stride, 12);
  EXPECT_EQ(plan->layers[0].block.feedForward, FeedForwardKind::Gated);
  EXPECT_FALSE(plan->layers[0].config.optionalSize("window"));
  EXPECT_EQ(plan->layers[1].block.feedForward, FeedForwardKind::Moe);
  EXPECT_EQ(plan->layers[1].config.size("window"), 4);
  const ParameterSource &up = plan->layers[1].parameters.find("expert_up.weight")->second;
  EXPECT_EQ(up.name, "model.layers.1.experts.*.up_proj.weight");
  EXPECT_EQ(up.pieces.size(), 2u);
  EXPECT_EQ(plan->parameters.find("output.weight")->second.name, "model.embed_tokens.weight");
  EXPECT_FALSE(plan->layers[1].parameters.contains("gate.weight"));
}

TEST(Resolve, ReportsNumbersThatContradictEachOther) {
  EXPECT_THAT(problemsOf(R"({"used": 3})"), HasSubstr("experts_used: expects at most the number of experts, but got experts_used = 3"));
  EXPECT_THAT(problemsOf(R"({"num_attention_heads": 3})"), HasSubstr("head_dim: 8 is not a multiple of 3"));
  EXPECT_THAT(problemsOf(R"({"num_key_value_heads": 3})"), HasSubstr("heads: expects a multiple of kv_heads"));
  EXPECT_THAT(problemsOf(R"({"hidden_size": 0})"), HasSubstr("hidden_size: expects a size of 1 to"));
  EXPECT_THAT(problemsOf(R"({"hidden_size": -8})"), HasSubstr("hidden_size: expects a size, but got -8"));
  EXPECT_THAT(problemsOf(R"({"num_hidden_layers": 1000000})"), HasSubstr("layers: expects tensors for 1000000 layers"));
  EXPECT_THAT(problemsOf(R"({"rms_norm_eps": null})"), HasSubstr("rms_norm_eps: is missing"));
}

TEST(Resolve, ReportsWhatIsNotUnderstood) {
  EXPECT_THAT(problemsOf(R"({"new_thing": 2})"), HasSubstr("new_thing: is not understood by the family mine, but has the value 2"));
  EXPECT_EQ(problemsOf(R"({"new_thing": 0, "other": false, "more": []})"), "");
  EXPECT_THAT(problemsOf(R"({"hidden_act": "wave"})"), HasSubstr("hidden_act: asks for a part of the block (function) that there is not"));
  EXPECT_THAT(problemsOf(R"({"rope_scaling": {"type": "spiral"}})"), HasSubstr("rope_scaling.type: asks for a part"));
  JsonSource source = makeSource();
  source.addTensor("model.layers.0.extra.weight", {8});
  std::string problems;
  resolve(source, problems);
  EXPECT_EQ(problems, "model.layers.0.extra.weight: is in the file, but the family mine has no parameter for it\n");
}

/// Layers 1 and 3 of four are shared ones: the second of them has the tensors of the first, and an adapter of its own.
const char *const sharing = R"({
  "family": "sharing", "extends": "base", "block": {"mixer": "none", "feed_forward": "plain"},
  "sources": {"gguf": null, "huggingface": {
    "architectures": ["Mine"], "words": {"part": "own"},
    "layers": [{"when": {"key": "shared", "has": "layer"}, "words": {"part": "common"},
                "sizes": {"_index": {"index": "shared", "of": "layer"}, "_first": {"key": "shared[0]"}}},
               {"when": "layer == 2", "sizes": {"_index": {"index": "shared", "of": "_wanted"}}}],
    "sizes": {"_wanted": [{"key": "wanted"}, {"value": 3}]},
    "tensors": {"embedding.weight": "embed"},
    "layer_tensors": {"up.weight": ["layers.{_first}.{part}.{_index}", "layers.{layer}.{part}"], "down.weight": "layers.{layer}.down"}}}})";

std::string resolveSharing(const JsonSource::Json &change, std::optional<ModelPlan> &plan) {
  JsonSource::Json config = JsonSource::Json::parse(plainConfig);
  config.merge_patch(JsonSource::Json::parse(R"({"num_hidden_layers": 4, "num_attention_heads": 0, "shared": [1, 3]})"));
  config.merge_patch(change);
  static std::vector<std::unique_ptr<JsonSource>> kept; // plans refer to their tensors
  JsonSource &source = *kept.emplace_back(std::make_unique<JsonSource>("huggingface", "Mine", config));
  source.addTensor("embed", {3, 8});
  for (std::string name : {"layers.0.own", "layers.1.common.0", "layers.2.own", "layers.1.common.1"})
    source.addTensor(name, {4, 8});
  for (std::string layer : {"0", "1", "2", "3"})
    source.addTensor("layers." + layer + ".down", {8, 4});
  Diagnostics diagnostics;
  std::optional<Family> family = parseFamily(sharing, diagnostics);
  if (family)
    plan = resolveModel(*family, source, [](llvm::StringRef) { return true; }, diagnostics);
  std::string problems;
  for (const Problem &problem : diagnostics.problems())
    problems += problem.path + ": " + problem.message + "\n";
  return problems;
}

// No heads are asked for where nothing attends.
TEST(Resolve, NamesHaveWordsAndNumbers) {
  std::optional<ModelPlan> plan;
  EXPECT_EQ(resolveSharing(JsonSource::Json::object(), plan), "");
  ASSERT_TRUE(plan);
  std::vector<std::string> names;
  for (const LayerPlan &layer : plan->layers)
    names.push_back(layer.parameters.find("up.weight")->second.name);
  EXPECT_THAT(names, testing::ElementsAre("layers.0.own", "layers.1.common.0", "layers.2.own", "layers.1.common.1"));
  EXPECT_FALSE(plan->config.optionalSize("heads"));
  EXPECT_FALSE(plan->config.optionalSize("head_dim"));
}

TEST(Resolve, ReportsNumbersThatAreNotInTheirArray) {
  std::optional<ModelPlan> plan;
  EXPECT_THAT(resolveSharing({{"wanted", 5}}, plan), HasSubstr("shared: expects an array that has 5"));
}

} // namespace
