//===- Builder.cpp - models as IR ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/frontends/builder/Builder.h"

#include "tenon/dialects/decode/Decode.h"
#include "tenon/dialects/moe/Moe.h"
#include "tenon/dialects/nn/BlockCodec.h"
#include "tenon/dialects/ssm/Ssm.h"
#include "tenon/frontends/builder/ModuleImpl.h"

using namespace mlir;
using namespace tenon;
using llvm::Twine;

bool tenon::hasElementType(StringRef format) {
  if (llvm::is_contained({"f32", "f16", "bf16"}, format))
    return true;
  const BlockCodec *codec = findBlockCodec(format);
  return codec && codec->ggmlType >= 0; // activation formats are in no file
}

namespace {
/// What resolution leaves open and a builder needs.
class PlanCheck {
public:
  PlanCheck(const ModelPlan &plan, Diagnostics &diagnostics) : plan(plan), diagnostics(diagnostics) {}

  void run() {
    checkRoles("", modelRoleSpecs(), plan.block, plan.config, plan.parameters);
    for (auto [number, layer] : llvm::enumerate(plan.layers)) {
      std::string path = ("layer " + Twine(number)).str();
      checkRoles(path + " ", layerRoleSpecs(), layer.block, layer.config, layer.parameters);
      checkLayer(path, layer);
    }
    if (plan.layers.empty())
      diagnostics.report("layers", "expects one or more, but got none");
    int64_t vocabulary = plan.config.optionalSize("vocabulary").value_or(0);
    for (int64_t token : plan.maskedTokens)
      if (token < 0 || token >= vocabulary)
        return diagnostics.report("masked_tokens", "expects tokens below " + Twine(vocabulary) + ", but got " + Twine(token));
  }

private:
  void checkRoles(const Twine &prefix, ArrayRef<RoleSpec> specs, const BlockOptions &block, const ModelConfig &config,
                  const ParameterMap &parameters) {
    for (StringRef role : roleNames(specs)) {
      const RoleSpec *spec = findRole(specs, role, block, config);
      if (spec && spec->need == RoleNeed::Always && !parameters.count(role))
        diagnostics.report(prefix + role, "is missing");
    }
  }

  void checkLayer(const Twine &path, const LayerPlan &layer) {
    auto has = [&](StringRef role) { return layer.parameters.count(role) != 0; };
    if (layer.block.attends() && layer.block.attention == AttentionKind::Latent) {
      if (!has("kv_b.weight") && !(has("key_b.weight") && has("value_b.weight")))
        diagnostics.report(path, "expects kv_b.weight, or key_b.weight and value_b.weight, for latent attention");
      if (plan.block.entry == EntryKind::Encoder)
        diagnostics.report(path, "expects attention of heads in an encoder, but got latent attention");
    }
    if (plan.block.entry == EntryKind::Encoder && layer.block.rope != RopeKind::None)
      diagnostics.report(path, "expects an encoder with embedded positions or none, but got rotary ones");
    if (plan.block.entry == EntryKind::Decoder && !layer.block.causal)
      diagnostics.report(path, "expects causal attention in a decoder");
  }

  const ModelPlan &plan;
  Diagnostics &diagnostics;
};
} // namespace

OwningOpRef<ModuleOp> tenon::buildModel(MLIRContext &context, const ModelPlan &plan, const BuildOptions &options,
                                        Diagnostics &diagnostics) {
  size_t before = diagnostics.count();
  PlanCheck(plan, diagnostics).run();
  if (diagnostics.count() != before)
    return nullptr;
  context.loadDialect<nn::NNDialect, ssm::SSMDialect, moe::MoeDialect, cache::CacheDialect, decode::DecodeDialect, func::FuncDialect>();
  ModuleBuilder builder(context, plan, options, diagnostics);
  if (!builder.prepare())
    return nullptr;
  return plan.block.entry == EntryKind::Encoder ? buildEncoder(builder) : buildDecoder(builder);
}
