//===- ImportDescribed.cpp - models that a family describes, as IR ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mlir/IR/Verifier.h"
#include "tenon/frontends/ImportImpl.h"
#include "tenon/frontends/builder/Builder.h"
#include "tenon/frontends/families/PlanText.h"
#include "tenon/frontends/families/Select.h"

using namespace mlir;
using namespace tenon;

/// The family that describes a source, and the plan that it makes.
static std::optional<ModelPlan> resolve(const ModelSource &source, const ImportOptions &options, Family &family, Diagnostics &diagnostics) {
  std::vector<Family> families = loadFamilies(options.familyFile, diagnostics);
  const Family *chosen = families.empty() ? nullptr : selectFamily(families, source, diagnostics);
  if (!chosen)
    return std::nullopt;
  family = *chosen;
  return resolveModel(family, source, hasElementType, diagnostics);
}

/// The most positions of a session.
static int64_t chooseContext(const ModelPlan &plan, const ImportOptions &options, Diagnostics &diagnostics) {
  int64_t made = plan.config.size("context");
  if (options.maxContext < 0 || options.maxContext > made)
    diagnostics.report("context", "expects at most the " + Twine(made) + " positions that the model was made for, but " +
                                      Twine(options.maxContext) + " were asked for");
  return options.maxContext == 0 ? made : options.maxContext;
}

static void checkVocabulary(const ModelPlan &plan, const std::optional<TokenizerModel> &tokenizer, Diagnostics &diagnostics) {
  int64_t rows = plan.config.size("vocabulary");
  if (tokenizer && static_cast<int64_t>(tokenizer->tokens.size()) > rows)
    diagnostics.report("tokenizer",
                       "expects at most " + Twine(rows) + " tokens, the rows of the embedding, but got " + Twine(tokenizer->tokens.size()));
}

/// The matrices that linear ops multiply by; tables, what decides between experts and the small matrices that steer a scan keep their
/// format.
static bool isLinearRole(StringRef role) {
  static constexpr StringLiteral roles[] = {
      "embedding",   "output",    "query",       "key",         "value",     "attention_output", "gate",        "up",        "down",
      "expert_gate", "expert_up", "expert_down", "shared_gate", "shared_up", "shared_down",      "query_a",     "query_b",   "kv_a",
      "memory",      "scan_in",   "scan_gate",   "scan_q",      "scan_k",    "scan_v",           "scan_output", "receptance"};
  return role.consume_back(".weight") && llvm::is_contained(roles, role);
}

/// Makes the packer round matrices of floats to a format whose blocks their rows have room for.
static void roundMatrices(ParameterMap &parameters, const ElementFormat &format) {
  for (auto &[role, parameter] : parameters) {
    std::optional<ElementFormat> own = ElementFormat::find(parameter.format);
    if (isLinearRole(role) && own && !own->isBlock() && !parameter.isComputed() && parameter.shape.size() >= 2 &&
        parameter.shape.back() % format.blockElements() == 0)
      parameter.format = format.name();
  }
}

static void roundPlan(ModelPlan &plan, StringRef weights, Diagnostics &diagnostics) {
  std::optional<ElementFormat> format = ElementFormat::find(weights);
  if (!format || !format->isParameterFormat() || !hasElementType(weights))
    return diagnostics.report("--weights", "expects a format of weights such as q8_0, q4_0, q4_k, bf16, but got '" + weights + "'");
  roundMatrices(plan.parameters, *format);
  for (LayerPlan &layer : plan.layers)
    roundMatrices(layer.parameters, *format);
}

FailureOr<OwningOpRef<ModuleOp>> tenon::importDescribed(MLIRContext &context, const ModelFiles &files, const DescribedModel &model,
                                                        const ImportOptions &options, Diagnostics &diagnostics) {
  Family family;
  std::optional<ModelPlan> plan = resolve(model.source, options, family, diagnostics);
  if (!plan)
    return failure();
  size_t before = diagnostics.count();
  checkVocabulary(*plan, files.tokenizer(), diagnostics);
  BuildOptions build;
  build.name = files.name();
  build.activation = options.activations;
  build.context = chooseContext(*plan, options, diagnostics);
  build.endTokens = model.endTokens;
  if (model.source.assumesTensors() && !options.planOnly)
    diagnostics.report("", "has no model.safetensors and no model.safetensors.index.json: only a plan can do without weights");
  if (!options.weights.empty())
    roundPlan(*plan, options.weights, diagnostics);
  if (model.damaged || diagnostics.count() != before)
    return failure();

  // A descriptor's shapes are data: what they break shows here.
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    std::string place;
    llvm::raw_string_ostream(place) << diagnostic.getLocation();
    diagnostics.report(place, "the family " + family.name + " makes invalid IR: " + diagnostic.str());
    return success();
  });
  OwningOpRef<ModuleOp> module = buildModel(context, *plan, build, diagnostics);
  if (!module || failed(verify(*module)))
    return failure();
  return module;
}

std::optional<std::string> tenon::describePlan(const ModelFiles &files, const ImportOptions &options, Diagnostics &diagnostics) {
  if (!files.source()) {
    diagnostics.report("", "is a module already: no family describes it");
    return std::nullopt;
  }
  Family family;
  std::optional<ModelPlan> plan = resolve(*files.source(), options, family, diagnostics);
  return plan ? std::optional(planText(family, *plan)) : std::nullopt;
}
