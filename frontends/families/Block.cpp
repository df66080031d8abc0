//===- Block.cpp - the decoder block that families choose parts of ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/frontends/families/Block.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace tenon;
using llvm::StringRef;

namespace {
/// One row of the table of parts: choosing `part` for `option` calls `choose`.
struct Part {
  StringRef option, part;
  void (*choose)(BlockOptions &);
};
} // namespace

static const Part parts[] = {
    {"norm", "rms", [](BlockOptions &block) { block.norm = NormKind::Rms; }},
    {"norm", "layer", [](BlockOptions &block) { block.norm = NormKind::Layer; }},
    {"feed_forward", "gated", [](BlockOptions &block) { block.feedForward = FeedForwardKind::Gated; }},
    {"feed_forward", "plain", [](BlockOptions &block) { block.feedForward = FeedForwardKind::Plain; }},
    {"function", "silu", [](BlockOptions &block) { block.function = FeedForwardFunction::Silu; }},
    {"function", "gelu", [](BlockOptions &block) { block.function = FeedForwardFunction::Gelu; }},
    {"function", "gelu_tanh", [](BlockOptions &block) { block.function = FeedForwardFunction::GeluTanh; }},
    {"function", "relu", [](BlockOptions &block) { block.function = FeedForwardFunction::Relu; }},
    {"function", "relu2", [](BlockOptions &block) { block.function = FeedForwardFunction::Relu2; }},
    {"rope", "none", [](BlockOptions &block) { block.rope = RopeKind::None; }},
    {"rope", "interleaved", [](BlockOptions &block) { block.rope = RopeKind::Interleaved; }},
    {"rope", "half", [](BlockOptions &block) { block.rope = RopeKind::Half; }},
};

bool BlockOptions::set(StringRef option, StringRef part) {
  for (const Part &row : parts) {
    if (row.option != option || row.part != part)
      continue;
    row.choose(*this);
    return true;
  }
  return false;
}

std::string BlockOptions::partsOf(StringRef option) {
  llvm::SmallVector<StringRef> names;
  for (const Part &row : parts)
    if (row.option == option)
      names.push_back(row.part);
  return llvm::join(names, ", ");
}

std::string BlockOptions::names() {
  llvm::SmallVector<StringRef> names;
  for (const Part &row : parts)
    if (names.empty() || names.back() != row.option)
      names.push_back(row.option);
  return llvm::join(names, ", ");
}

StringRef BlockOptions::missing() const {
  if (!norm)
    return "norm";
  if (!feedForward)
    return "feed_forward";
  if (!function)
    return "function";
  return rope ? "" : "rope";
}

llvm::ArrayRef<StringRef> tenon::modelRoles() {
  static const StringRef roles[] = {"embedding.weight", "rope_factors",  "final_norm.weight",
                                    "final_norm.bias",  "output.weight", "output.bias"};
  return roles;
}

llvm::ArrayRef<StringRef> tenon::layerRoles() {
  static const StringRef roles[] = {"attention_norm.weight",
                                    "attention_norm.bias",
                                    "query.weight",
                                    "query.bias",
                                    "query_norm.weight",
                                    "key.weight",
                                    "key.bias",
                                    "key_norm.weight",
                                    "value.weight",
                                    "value.bias",
                                    "attention_output.weight",
                                    "attention_output.bias",
                                    "feed_forward_norm.weight",
                                    "feed_forward_norm.bias",
                                    "gate.weight",
                                    "gate.bias",
                                    "up.weight",
                                    "up.bias",
                                    "down.weight",
                                    "down.bias"};
  return roles;
}

llvm::SmallVector<StringRef> tenon::requiredModelRoles(const BlockOptions &block) {
  llvm::SmallVector<StringRef> roles = {"embedding.weight", "final_norm.weight", "output.weight"};
  if (block.norm == NormKind::Layer)
    roles.push_back("final_norm.bias");
  return roles;
}

llvm::SmallVector<StringRef> tenon::requiredLayerRoles(const BlockOptions &block) {
  llvm::SmallVector<StringRef> roles = {"attention_norm.weight",    "query.weight", "key.weight", "value.weight", "attention_output.weight",
                                        "feed_forward_norm.weight", "up.weight",    "down.weight"};
  if (block.feedForward == FeedForwardKind::Gated)
    roles.push_back("gate.weight");
  if (block.norm == NormKind::Layer)
    roles.append({"attention_norm.bias", "feed_forward_norm.bias"});
  return roles;
}

llvm::ArrayRef<StringRef> tenon::requiredSizes() {
  static const StringRef names[] = {"layers",   "hidden",    "feed_forward", "heads",      "kv_heads",
                                    "head_dim", "value_dim", "rope_dims",    "vocabulary", "context"};
  return names;
}

llvm::ArrayRef<StringRef> tenon::optionalSizes() {
  static const StringRef names[] = {"window"};
  return names;
}

llvm::ArrayRef<StringRef> tenon::requiredReals() {
  static const StringRef names[] = {"norm_eps", "rope_base", "rope_scale"};
  return names;
}

llvm::ArrayRef<StringRef> tenon::optionalReals() {
  static const StringRef names[] = {"attention_scale", "soft_cap"};
  return names;
}
