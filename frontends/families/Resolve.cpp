//===- Resolve.cpp - a family's descriptor filled with a model's files ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/frontends/families/Resolve.h"

#include "tenon/frontends/families/SmallParametersImpl.h"
#include "tenon/frontends/families/TensorsImpl.h"
#include "llvm/ADT/STLExtras.h"

using namespace tenon;
using llvm::StringRef;
using llvm::Twine;

namespace {
/// Resolves one family against one source.
class Resolver {
public:
  Resolver(const Family &family, const FamilySource &spelling, const ModelSource &source, FormatPredicate isSupported,
           Diagnostics &diagnostics)
      : keys(family, spelling, source), values(keys, diagnostics), tensors(keys, isSupported, diagnostics), diagnostics(diagnostics) {}

  ModelPlan resolve();

private:
  void resolveModel();
  void resolveLayers();
  void tieOutput();
  void checkExpansion(const LayerPlan &layer, int64_t number);
  void findMaskedTokens();

  SourceKeys keys;
  ValueResolver values;
  TensorFinder tensors;
  Diagnostics &diagnostics;
  ModelPlan plan;
};
} // namespace

/// The logits' weight is the embedding if the descriptor says so, or if it leaves that to the files and they have no tensor for it.
void Resolver::tieOutput() {
  if (values.block.entry != EntryKind::Decoder || plan.parameters.contains("output.weight"))
    return;
  const auto *embedding = plan.parameters.find("embedding.weight");
  if (embedding == plan.parameters.end())
    return;
  plan.parameters["output.weight"] = ParameterSource(embedding->second);
}

void Resolver::resolveModel() {
  values.resolve();
  bool isTied = values.chosen.contains("output") && values.block.output == OutputKind::Tied;
  bool isOpen = !values.chosen.contains("output");
  std::vector<TensorDefinition> definitions = keys.spelling.tensors;
  const auto output = llvm::find_if(definitions, [](const TensorDefinition &tensor) { return tensor.role == "output.weight"; });
  if (output != definitions.end() && values.block.entry == EntryKind::Decoder) {
    bool isThere = llvm::any_of(output->spellings, [&](const TensorSpelling &spelling) {
      std::string name = keys.spell(spelling.pattern);
      if (isTied)
        keys.useTensor(name); // files may have a copy of the embedding
      return keys.source.findTensor(name) != nullptr || diagnostics.mentions(name);
    });
    if (isOpen)
      values.block.output = isThere || keys.source.assumesTensors() ? OutputKind::Separate : OutputKind::Tied;
  }
  tensors.findAll(modelRoleSpecs(), definitions, values, plan.parameters);
  if (values.block.output == OutputKind::Tied)
    tieOutput();
  tensors.readFactors("rope_factors", values, plan.parameters, plan.ropeFactors);
  tensors.readFactors("rope_factors_long", values, plan.parameters, plan.ropeFactorsLong);
  tensors.readFactors("rope_factors_short", values, plan.parameters, plan.ropeFactorsShort);
  if (values.block.rope != RopeKind::None && values.block.ropeScaling == RopeScaling::Longrope &&
      (plan.ropeFactorsLong.empty() || plan.ropeFactorsShort.empty()) && diagnostics.empty())
    diagnostics.report("rope_scaling", "expects divisors for long and for short texts for longrope");
  plan.block = values.block;
  plan.config = values.config;
}

/// Latent attention expands keys and values by one matrix or by one each.
void Resolver::checkExpansion(const LayerPlan &layer, int64_t number) {
  if (!layer.block.attends() || layer.block.attention != AttentionKind::Latent || layer.parameters.contains("kv_b.weight"))
    return;
  for (StringRef role : {"key_b.weight", "value_b.weight"})
    if (!layer.parameters.contains(role) && diagnostics.empty())
      diagnostics.report("layer " + Twine(number), "has neither a tensor of kv_b.weight nor one of " + role);
}

void Resolver::resolveLayers() {
  std::optional<int64_t> layers = values.config.optionalSize("layers");
  if (!layers)
    return; // reported
  int64_t most = keys.source.assumesTensors() ? 4096 : static_cast<int64_t>(keys.source.tensors().size());
  if (*layers > most) {
    diagnostics.report("layers", keys.source.assumesTensors() ? "expects at most " + Twine(most) + " layers, but got " + Twine(*layers)
                                                              : "expects tensors for " + Twine(*layers) + " layers, but the file has " +
                                                                    Twine(most) + " tensors altogether");
    return;
  }
  for (int64_t number = 0; number < *layers; ++number) {
    ValueResolver layerValues(values, number);
    layerValues.resolve();
    LayerPlan layer{layerValues.block, layerValues.config, {}};
    tensors.findAll(layerRoleSpecs(), keys.spelling.layerTensors, layerValues, layer.parameters);
    checkExpansion(layer, number);
    checkSmallParameters(layer.parameters, diagnostics);
    plan.layers.push_back(std::move(layer));
  }
}

void Resolver::findMaskedTokens() {
  if (!keys.spelling.maskedTokens)
    return;
  const TokenRule &rule = *keys.spelling.maskedTokens;
  std::string start = keys.spell(rule.key) + "." + rule.prefix;
  int64_t vocabulary = values.config.optionalSize("vocabulary").value_or(0);
  keys.source.forEachKey([&](StringRef key) {
    if (!key.starts_with(start))
      return;
    std::optional<ConfigValue> value = keys.source.find(key);
    if (value && value->size && *value->size < static_cast<uint64_t>(vocabulary))
      plan.maskedTokens.push_back(static_cast<int64_t>(*value->size));
    else
      diagnostics.report(key, "expects a token of the vocabulary");
  });
  llvm::sort(plan.maskedTokens);
}

ModelPlan Resolver::resolve() {
  resolveModel();
  resolveLayers();
  keys.checkKeys(diagnostics);
  if (!plan.layers.empty() && !keys.source.assumesTensors()) // else most tensors would be reported
    keys.checkTensors(diagnostics);
  findMaskedTokens();
  return std::move(plan);
}

bool tenon::describes(const Family &family, const FamilySource &spelling, const ModelSource &source) {
  if (spelling.format != source.format() || !llvm::is_contained(spelling.architectures, source.architecture()))
    return false;
  if (!spelling.when)
    return true;
  Diagnostics ignored;
  SourceKeys keys(family, spelling, source);
  return ValueResolver(keys, ignored).holds(*spelling.when);
}

std::optional<ModelPlan> tenon::resolveModel(const Family &family, const ModelSource &source, FormatPredicate isSupported,
                                             Diagnostics &diagnostics) {
  size_t before = diagnostics.count();
  auto spelling = llvm::find_if(family.sources, [&](auto &spelling) { return spelling.format == source.format(); });
  if (spelling == family.sources.end()) {
    diagnostics.report("", "the family " + family.name + " does not describe " + source.format() + " files");
    return std::nullopt;
  }
  ModelPlan plan = Resolver(family, *spelling, source, isSupported, diagnostics).resolve();
  if (diagnostics.count() != before)
    return std::nullopt;
  return plan;
}
