//===- BuilderTest.cpp - blocks of every option as valid IR ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Plans are made from the tables of roles, with every parameter that a block of the options needs. That what is emitted means the right
// thing is for test/families, which compares with torch; here it is that each option emits what it should, once, and that plans which
// cannot be built are told why.

#include "tenon/frontends/builder/Builder.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/Verifier.h"
#include "tenon/dialects/cache/Cache.h"
#include "tenon/frontends/families/Expression.h"
#include "llvm/ADT/StringExtras.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <deque>

using namespace mlir;
using namespace tenon;
using llvm::Twine;
using testing::ElementsAre;
using testing::FloatNear;
using testing::HasSubstr;

namespace {
/// A plan and the tensors that it is about, which no file has.
class TestPlan {
public:
  using Edit = llvm::function_ref<void(BlockOptions &block, ModelConfig &config)>;

  /// Two layers, changed by `edit`; `named` are the roles that the descriptor names beside those that are always there.
  TestPlan(Edit edit, ArrayRef<StringRef> named = {"attention_norm.weight", "feed_forward_norm.weight", "final_norm.weight"}) {
    plan.block.rope = RopeKind::Half;
    plan.config.sizes = {{"layers", 2},           {"hidden", 32},     {"vocabulary", 40}, {"context", 256},   {"heads", 4},
                         {"kv_heads", 2},         {"head_dim", 16},   {"value_dim", 16},  {"rope_dims", 16},  {"feed_forward", 48},
                         {"attention_input", 32}, {"inner", 64},      {"state", 4},       {"conv_kernel", 4}, {"dt_rank", 2},
                         {"scan_heads", 8},       {"scan_groups", 2}, {"norm_groups", 2}};
    plan.config.reals = {{"norm_eps", 1e-5}, {"rope_base", 10000}, {"rope_scale", 1}, {"expert_scale", 1}, {"expert_limit", 7}};
    edit(plan.block, plan.config);
    add(plan.parameters, "", modelRoleSpecs(), plan.block, plan.config, named);
    for (int64_t layer = 0; layer < plan.config.size("layers"); ++layer) {
      plan.layers.push_back({plan.block, plan.config, {}});
      add(plan.layers.back().parameters, "blk." + std::to_string(layer) + ".", layerRoleSpecs(), plan.block, plan.config, named);
    }
  }

  ModelPlan plan;

private:
  void add(ParameterMap &parameters, const std::string &prefix, ArrayRef<RoleSpec> specs, const BlockOptions &block,
           const ModelConfig &config, ArrayRef<StringRef> named) {
    for (StringRef role : roleNames(specs)) {
      const RoleSpec *spec = findRole(specs, role, block, config);
      if (!spec || (spec->need != RoleNeed::Always && !llvm::is_contained(named, role)))
        continue;
      SmallVector<int64_t, 4> shape;
      for (StringRef expression : llvm::split(spec->shape, ','))
        shape.push_back(valueOf(expression, config));
      SourceTensor &tensor = tensors.emplace_back();
      tensor.name = prefix + role.str();
      tensor.format = "f32";
      tensor.shape = shape;
      tensor.path = "nowhere";
      parameters[role] = {tensor.name, tensor.format, shape, {{&tensor, {}}}};
    }
  }

  static int64_t valueOf(StringRef expression, const ModelConfig &config) {
    std::string problem;
    auto lookup = [&](StringRef name, std::string &) -> std::optional<Number> { return Number(config.size(name)); };
    return *evaluateExpression(expression, Division::Whole, lookup, problem)->asWhole();
  }

  std::deque<SourceTensor> tensors;
};

class BuilderTest : public testing::Test {
protected:
  /// The module of a plan, verified.
  OwningOpRef<ModuleOp> build(const ModelPlan &plan, int64_t length = 256) {
    BuildOptions options;
    options.name = "model";
    options.context = length;
    OwningOpRef<ModuleOp> module = buildModel(context, plan, options, diagnostics);
    EXPECT_TRUE(!module || succeeded(verify(*module)));
    return module;
  }
  OwningOpRef<ModuleOp> build(TestPlan::Edit edit) { return build(TestPlan(edit).plan); }

  /// What is wrong with a plan, one line.
  std::string problemOf(const ModelPlan &plan, int64_t length = 256) {
    EXPECT_FALSE(build(plan, length));
    return diagnostics.problems().empty() ? "" : diagnostics.problems()[0].path + ": " + diagnostics.problems()[0].message;
  }

  /// How often an op stands in the module.
  static size_t count(ModuleOp module, StringRef name) {
    size_t found = 0;
    module.walk([&](Operation *op) { found += op->getName().getStringRef() == name; });
    return found;
  }
  static size_t blocks(ModuleOp module) {
    return llvm::count_if(module.getOps<func::FuncOp>(), [](func::FuncOp function) { return function.isPrivate(); });
  }
  template <typename Op> static Op first(ModuleOp module) {
    Op found;
    module.walk([&](Op op) {
      found = op;
      return WalkResult::interrupt();
    });
    return found;
  }
  static std::vector<float> constantOf(Value value) {
    auto values = cast<DenseElementsAttr>(value.getDefiningOp<nn::ConstantOp>().getValue()).getValues<float>();
    return {values.begin(), values.end()};
  }

  MLIRContext context;
  Diagnostics diagnostics;
};
} // namespace

TEST_F(BuilderTest, LayersThatAreAlikeShareOneBlock) {
  TestPlan two([](BlockOptions &, ModelConfig &config) { config.sizes["layers"] = 4; });
  EXPECT_EQ(blocks(*build(two.plan)), 1u);
  two.plan.layers[1].config.sizes["window"] = 8;
  two.plan.layers[3].config.sizes["window"] = 8;
  OwningOpRef<ModuleOp> module = build(two.plan);
  EXPECT_EQ(blocks(*module), 2u);
  EXPECT_EQ(first<nn::AttentionOp>(*module).getWindow(), std::nullopt);
}

TEST_F(BuilderTest, LayersTakeTheTableOfTheirAngles) {
  TestPlan plan([](BlockOptions &, ModelConfig &config) { config.sizes["layers"] = 3; });
  plan.plan.layers[1].config.reals["rope_base"] = 1e6;
  plan.plan.layers[2].block.rope = RopeKind::None;
  OwningOpRef<ModuleOp> module = build(plan.plan);
  EXPECT_EQ(count(*module, "nn.rope_table"), 4u); // two in each entry
  EXPECT_EQ(count(*module, "nn.rope"), 4u);       // queries and keys of two blocks
  EXPECT_EQ(blocks(*module), 3u);
}

TEST_F(BuilderTest, NormsStandWhereTheirPlacementSays) {
  EXPECT_EQ(count(*build([](BlockOptions &, ModelConfig &) {}), "nn.rms_norm"), 4u); // two in the block, one at the end of each entry
  OwningOpRef<ModuleOp> none = build([](BlockOptions &block, ModelConfig &) {
    block.norm = NormKind::Layer;
    block.normParameters = NormParameters::None;
  });
  EXPECT_EQ(count(*none, "nn.layer_norm"), 4u);
  EXPECT_FALSE(first<nn::LayerNormOp>(*none).getWeight());
  TestPlan after([](BlockOptions &block, ModelConfig &) { block.normPlacement = NormPlacement::AfterResidual; });
  OwningOpRef<ModuleOp> module = build(after.plan);
  auto norm = first<nn::RmsNormOp>(*module);
  EXPECT_TRUE(norm.getInput().getDefiningOp<nn::AddOp>());
  TestPlan post([](BlockOptions &, ModelConfig &) {}, {"attention_post_norm.weight", "feed_forward_post_norm.weight"});
  module = build(post.plan);
  EXPECT_TRUE(first<nn::RmsNormOp>(*module).getInput().getDefiningOp<nn::LinearOp>());
}

TEST_F(BuilderTest, ParallelBranchesReadOneNormOrTheirOwn) {
  auto parallel = [](BlockOptions &block, ModelConfig &) { block.residual = ResidualKind::Parallel; };
  TestPlan shared(parallel, {"attention_norm.weight"});
  EXPECT_EQ(count(*build(shared.plan), "nn.rms_norm"), 1u);
  TestPlan own(parallel, {"attention_norm.weight", "feed_forward_norm.weight"});
  EXPECT_EQ(count(*build(own.plan), "nn.rms_norm"), 2u);
}

TEST_F(BuilderTest, QueriesAndKeysAreNormalisedByHeadOrWhole) {
  for (QkNorm norm : {QkNorm::Head, QkNorm::Heads, QkNorm::Projection}) {
    OwningOpRef<ModuleOp> module = build([&](BlockOptions &block, ModelConfig &) { block.qkNorm = norm; });
    EXPECT_EQ(count(*module, "nn.rms_norm"), 6u);
    // A weight of every head's own multiplies afterwards; the other product is the feed-forward network's.
    EXPECT_EQ(count(*module, "nn.mul"), norm == QkNorm::Heads ? 3u : 1u);
  }
  OwningOpRef<ModuleOp> last = build([](BlockOptions &block, ModelConfig &) {
    block.qkNorm = QkNorm::Head;
    block.qkNormKind = QkNormKind::L2;
    block.qkNormOrder = QkNormOrder::AfterRope;
  });
  EXPECT_TRUE(first<nn::AttentionOp>(*last).getQuery().getDefiningOp<nn::RmsNormOp>());
}

TEST_F(BuilderTest, NumbersScaleWhatTheyName) {
  OwningOpRef<ModuleOp> module = build([](BlockOptions &, ModelConfig &config) {
    config.reals["embedding_scale"] = 8;
    config.reals["residual_scale"] = 0.5;
    config.reals["logit_scale"] = 0.25;
    config.reals["logit_soft_cap"] = 30;
    config.reals["soft_cap"] = 50;
    config.reals["attention_scale"] = 0.2;
    config.reals["qkv_clip"] = 4;
  });
  // The feed-forward product, two residuals, and in each entry the embedding and three of the logits.
  EXPECT_EQ(count(*module, "nn.mul"), 3u + 2 * 4);
  EXPECT_EQ(count(*module, "nn.tanh"), 2u);
  EXPECT_EQ(count(*module, "nn.clamp"), 3u);
  auto attention = first<nn::AttentionOp>(*module);
  EXPECT_FLOAT_EQ(attention.getScale().convertToFloat(), 0.2f);
  EXPECT_FLOAT_EQ(attention.getSoftCap()->convertToFloat(), 50);
}

TEST_F(BuilderTest, AttentionTakesSinksSlopesAndChunks) {
  TestPlan sinks(
      [](BlockOptions &block, ModelConfig &config) {
        block.mask = MaskKind::Chunked;
        block.rope = RopeKind::None;
        block.positionBias = PositionBias::Alibi;
        config.sizes["heads"] = 6;
        config.sizes["chunk"] = 16;
        config.reals["alibi_max"] = 8;
        config.reals["attention_temperature_scale"] = 0.1;
        config.reals["attention_temperature_floor"] = 64;
      },
      {"sinks"});
  OwningOpRef<ModuleOp> module = build(sinks.plan);
  auto attention = first<nn::AttentionOp>(*module);
  EXPECT_TRUE(attention.getSinks());
  EXPECT_EQ(attention.getChunk(), 16);
  // As transformers' build_alibi_tensor gives them for six heads.
  EXPECT_THAT(constantOf(attention.getSlopes()), ElementsAre(0.25, 0.0625, 0.015625, 0.00390625, 0.5, 0.125));
  EXPECT_EQ(first<nn::PositionScaleOp>(*module).getInterval(), 64);
}

TEST_F(BuilderTest, ExpertsAreRoutedAndShared) {
  OwningOpRef<ModuleOp> module = build([](BlockOptions &block, ModelConfig &config) {
    block.feedForward = FeedForwardKind::Moe;
    block.function = FeedForwardFunction::SwigluClamped;
    block.sharedGate = SharedGate::Sigmoid;
    block.expertWeighting = ExpertWeighting::Input;
    config.sizes["experts"] = 8;
    config.sizes["experts_used"] = 2;
    config.sizes["expert_feed_forward"] = 24;
    config.sizes["shared_feed_forward"] = 40;
  });
  EXPECT_EQ(count(*module, "moe.grouped_linear"), 3u);
  EXPECT_EQ(count(*module, "moe.route"), 2u); // the second is the shared expert's gate
  EXPECT_EQ(count(*module, "nn.clamp"), 4u);
}

// A scan keeps the last rows of its convolution and its state; attention beside it keeps keys and values, and adds what it makes.
TEST_F(BuilderTest, MixersKeepWhatTheyAskFor) {
  OwningOpRef<ModuleOp> module = build([](BlockOptions &block, ModelConfig &) {
    block.mixer = MixerKind::SelectiveScan;
    block.besideMixer = BesideMixer::Attention;
    block.feedForward = FeedForwardKind::None;
  });
  ASSERT_TRUE(module);
  std::vector<std::string> slots;
  for (auto declare : module->getOps<cache::DeclareOp>())
    slots.push_back(declare.getSymName().str());
  EXPECT_EQ(slots, (std::vector<std::string>{"kv0", "conv0", "ssm0", "kv1", "conv1", "ssm1"}));
  EXPECT_EQ(first<cache::ReadOp>(*module).getResult().getType().getShape(), ArrayRef<int64_t>({3, 64}));
  EXPECT_EQ(count(*module, "ssm.selective_scan"), 1u);
  EXPECT_EQ(count(*module, "nn.attention"), 1u);
  EXPECT_EQ(count(*module, "cache.write"), 2u);
}

// Matrices as states, a norm of groups after the gate, and a shared layer of attention in front that reads the embeddings as well.
TEST_F(BuilderTest, AttentionMayComeFirst) {
  OwningOpRef<ModuleOp> module = build([](BlockOptions &block, ModelConfig &config) {
    block.mixer = MixerKind::Ssd;
    block.scanNorm = ScanNorm::AfterGate;
    block.residual = ResidualKind::AttentionFirst;
    config.sizes["attention_input"] = 64;
  });
  ASSERT_TRUE(module);
  EXPECT_EQ(count(*module, "ssm.ssd"), 1u);
  EXPECT_EQ(first<nn::ConcatOp>(*module).getType().getShape().back(), 64);
  module->walk([&](func::CallOp call) {
    EXPECT_TRUE(call.getOperand(1).getDefiningOp<nn::EmbeddingOp>());
    EXPECT_EQ(call.getNumResults(), 1u);
  });
  bool hasGroups = false;
  module->walk([&](nn::RmsNormOp norm) { hasGroups |= norm.getType().getShape().take_back(2) == ArrayRef<int64_t>({2, 32}); });
  EXPECT_TRUE(hasGroups);
}

TEST_F(BuilderTest, LatentAttentionKeepsTheLatent) {
  auto latent = [](BlockOptions &block, ModelConfig &config) {
    block.attention = AttentionKind::Latent;
    config.sizes["kv_rank"] = 24;
    config.sizes["query_rank"] = 20;
    config.sizes["nope_dim"] = 16;
    config.sizes["rope_dims"] = 8;
    config.sizes["head_dim"] = 24;
    config.sizes["value_dim"] = 12;
  };
  TestPlan common(latent, {"kv_b.weight"});
  OwningOpRef<ModuleOp> module = build(common.plan);
  auto slot = cast<cache::KvType>(first<cache::DeclareOp>(*module).getType());
  EXPECT_EQ(slot.getHeads(), 1);
  EXPECT_EQ(slot.getDim(), 32);
  EXPECT_EQ(slot.getLatent(), 24);
  EXPECT_TRUE(first<nn::HeadLinearOp>(*module).getTransposed());
  TestPlan apart(latent, {"key_b.weight", "value_b.weight"});
  module = build(apart.plan);
  EXPECT_FALSE(first<nn::HeadLinearOp>(*module).getTransposed());
  TestPlan neither(latent);
  EXPECT_THAT(problemOf(neither.plan), HasSubstr("expects kv_b.weight, or key_b.weight and value_b.weight"));
}

TEST_F(BuilderTest, EncodersPoolWithoutSlots) {
  for (Pooling pooling : {Pooling::Mean, Pooling::Cls}) {
    OwningOpRef<ModuleOp> module = build([&](BlockOptions &block, ModelConfig &config) {
      block.entry = EntryKind::Encoder;
      block.causal = false;
      block.rope = RopeKind::None;
      block.pooling = pooling;
      block.normPlacement = NormPlacement::AfterResidual;
      config.sizes["positions"] = 66;
      config.sizes["position_offset"] = 2;
      config.sizes["token_types"] = 2;
    });
    EXPECT_EQ(count(*module, "cache.declare"), 0u);
    EXPECT_EQ(count(*module, "nn.reduce"), pooling == Pooling::Mean ? 1u : 0u);
    EXPECT_TRUE(module->lookupSymbol("encode"));
    EXPECT_FALSE(module->lookupSymbol("next"));
    EXPECT_EQ(first<nn::PositionEmbeddingOp>(*module).getOffset(), 2);
    EXPECT_FALSE(first<nn::AttentionOp>(*module).getCausal());
  }
  TestPlan rotary([](BlockOptions &block, ModelConfig &) { block.entry = EntryKind::Encoder; });
  EXPECT_THAT(problemOf(rotary.plan), HasSubstr("but got rotary ones"));
}

// The numbers are those of transformers' ROPE_INIT_FUNCTIONS for a base of 10000 and heads of 16.
TEST_F(BuilderTest, AnglesAreScaled) {
  auto angles = [&](RopeScaling scaling, double factor, TestPlan::Edit edit) {
    TestPlan plan([&](BlockOptions &block, ModelConfig &config) {
      block.ropeScaling = scaling;
      config.sizes["rope_original_context"] = 64;
      config.reals["rope_scale"] = factor;
      config.reals["rope_beta_fast"] = 16;
      config.reals["rope_beta_slow"] = 2;
      config.reals["rope_low_factor"] = 1;
      config.reals["rope_high_factor"] = 4;
      edit(block, config);
    });
    plan.plan.ropeFactorsShort.assign(8, 1);
    plan.plan.ropeFactorsLong.assign(8, 2);
    OwningOpRef<ModuleOp> module = build(plan.plan);
    auto table = first<nn::RopeTableOp>(*module);
    return std::pair(constantOf(table.getFrequencies()), table.getScale().convertToFloat());
  };
  auto nothing = [](BlockOptions &, ModelConfig &) {};
  auto near = [](float value) { return FloatNear(value, 2e-6f); };
  auto [yarn, yarnScale] = angles(RopeScaling::Yarn, 4, nothing);
  EXPECT_THAT(yarn, ElementsAre(near(1), near(0.197642f), near(0.025f), near(0.00790569f), near(0.0025f), near(0.000790569f),
                                near(0.00025f), near(7.90569e-05f)));
  EXPECT_FLOAT_EQ(yarnScale, 1.138629436f);
  auto fractional = [](BlockOptions &, ModelConfig &config) { config.sizes["rope_fractional_ramp"] = 1; };
  EXPECT_NEAR(angles(RopeScaling::Yarn, 4, fractional).first[1], 0.14849, 2e-6);
  auto [llama, llamaScale] = angles(RopeScaling::Llama3, 8, nothing);
  EXPECT_THAT(llama, ElementsAre(near(1), near(0.244385f), near(0.0130423f), near(0.00395285f), near(0.00125f), near(0.000395285f),
                                 near(0.000125f), near(3.95285e-05f)));
  EXPECT_FLOAT_EQ(llamaScale, 1);
  EXPECT_FLOAT_EQ(angles(RopeScaling::Linear, 4, nothing).first[0], 0.25f);
  // 256 positions are more than the original 64: the long factors hold.
  auto [longrope, longScale] = angles(RopeScaling::Longrope, 4, nothing);
  EXPECT_FLOAT_EQ(longrope[0], 0.5f);
  EXPECT_FLOAT_EQ(longScale, 1.154700538f);
}

TEST_F(BuilderTest, MaskedTokensGetTheLowestLogit) {
  TestPlan masked([](BlockOptions &, ModelConfig &) {});
  masked.plan.maskedTokens = {3, 4};
  OwningOpRef<ModuleOp> module = build(masked.plan);
  std::vector<float> ceiling = constantOf(first<nn::MinOp>(*module).getRhs());
  EXPECT_EQ(ceiling[3], std::numeric_limits<float>::lowest());
  EXPECT_EQ(ceiling[5], std::numeric_limits<float>::infinity());
  masked.plan.maskedTokens = {40};
  EXPECT_EQ(problemOf(masked.plan), "masked_tokens: expects tokens below 40, but got 40");
}

TEST_F(BuilderTest, PlansThatCannotBeBuiltAreToldWhy) {
  TestPlan incomplete([](BlockOptions &, ModelConfig &) {});
  incomplete.plan.layers[1].parameters.erase("query.weight");
  EXPECT_EQ(problemOf(incomplete.plan), "layer 1 query.weight: is missing");
}

TEST_F(BuilderTest, DynamicAnglesEndWithTheOriginalContext) {
  TestPlan dynamic([](BlockOptions &block, ModelConfig &config) {
    block.ropeScaling = RopeScaling::Dynamic;
    config.sizes["rope_original_context"] = 64;
  });
  EXPECT_TRUE(build(dynamic.plan, 64));
  EXPECT_THAT(problemOf(dynamic.plan, 65), HasSubstr("expects at most the 64 positions of the training"));
}

TEST_F(BuilderTest, LongFactorsMustBeThere) {
  TestPlan longrope([](BlockOptions &block, ModelConfig &config) {
    block.ropeScaling = RopeScaling::Longrope;
    config.sizes["rope_original_context"] = 64;
  });
  EXPECT_EQ(problemOf(longrope.plan), "rope_factors: expects 8 factors for a context of 256, but got 0");
}
