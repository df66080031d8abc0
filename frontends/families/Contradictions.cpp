//===- Contradictions.cpp - numbers that do not fit together ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Each number is in its range; here is what the block demands of them together. All that is wrong is reported, with the numbers.

#include "tenon/frontends/families/ValuesImpl.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace tenon;
using llvm::StringRef;
using llvm::Twine;

using Values = llvm::ArrayRef<int64_t>;

/// Reports unless `good` holds of the sizes, which are all there; absent ones are reported elsewhere or do not matter.
void ValueResolver::check(llvm::ArrayRef<StringRef> names, const Twine &expected, llvm::function_ref<bool(Values)> good) {
  llvm::SmallVector<int64_t, 4> values;
  llvm::SmallVector<std::string, 4> described;
  for (StringRef name : names) {
    std::optional<int64_t> value = config.optionalSize(name);
    if (!value)
      return;
    values.push_back(*value);
    described.push_back((name + " = " + Twine(*value)).str());
  }
  if (!good(values))
    reportOnce(names.front(), "expects " + expected + ", but got " + llvm::join(described, " and "));
}

void ValueResolver::checkNumbers() {
  auto size = [&](StringRef name) { return config.optionalSize(name); };
  auto isMultiple = [](Values v) { return v[0] % v[1] == 0; };
  auto isAtMost = [](Values v) { return v[0] <= v[1]; };

  using Pair = std::pair<StringRef, StringRef>;
  for (auto [whole, part] : {Pair("heads", "kv_heads"), Pair("inner", "scan_heads"), Pair("scan_heads", "scan_groups"),
                             Pair("inner", "norm_groups"), Pair("experts", "expert_groups")})
    check({whole, part}, "a multiple of " + part, isMultiple);
  check({"conv_kernel", "context"}, "two positions or more, and at most those of the context",
        [](Values v) { return v[0] >= 2 && v[0] <= v[1]; });
  for (StringRef rows : {"conv_kernel", "state"}) // of what a layer keeps between calls
    for (StringRef columns : {"inner", "scan_groups"})
      check({rows, columns}, "a state of at most 2^32 elements", [](Values v) { return v[0] <= (int64_t(1) << 32) / v[1]; });
  if (block.residual == ResidualKind::AttentionFirst)
    check({"attention_input", "hidden"}, "twice hidden, for the stream and the embeddings", [](Values v) { return v[0] == 2 * v[1]; });
  if (block.attention == AttentionKind::Heads)
    check({"value_dim", "head_dim"}, "keys and values of the same size", [](Values v) { return v[0] == v[1]; });
  if (block.rope != RopeKind::None)
    check({"rope_dims", "head_dim"}, "an even number of elements of a head", [](Values v) { return v[0] <= v[1] && v[0] % 2 == 0; });
  if (block.attention == AttentionKind::Latent)
    check({"head_dim", "nope_dim", "rope_dims"}, "the sum of nope_dim and rope_dims", [](Values v) { return v[0] == v[1] + v[2]; });
  check({"experts_used", "experts"}, "at most the number of experts", isAtMost);
  check({"expert_groups_used", "expert_groups"}, "at most the number of groups", isAtMost);
  check({"experts_used", "experts", "expert_groups", "expert_groups_used"}, "at most the experts of the groups that are used",
        [](Values v) { return v[1] % v[2] != 0 || v[0] <= v[1] / v[2] * v[3]; });
  if (block.groupScore == GroupScore::Top2)
    check({"experts", "expert_groups"}, "two experts or more in a group", [](Values v) { return v[0] / v[1] >= 2; });
  if (size("expert_groups") && !size("expert_groups_used"))
    reportOnce("expert_groups_used", "is missing, though there are " + Twine(*size("expert_groups")) + " groups of experts");
  check({"position_offset", "positions"}, "fewer than the embedded positions", [](Values v) { return v[0] < v[1]; });
  if (std::optional<int64_t> positions = size("positions"), context = size("context"); positions && context)
    if (int64_t usable = *positions - size("position_offset").value_or(0); usable > 0 && *context > usable)
      reportOnce("context", "expects at most " + Twine(usable) + ", the positions that have an embedding, but got " + Twine(*context));

  auto real = [&](StringRef name) { return config.optionalReal(name).value_or(0); };
  auto text = [](double value) { return std::to_string(value); };
  if (real("dt_high") > 0 && real("dt_low") >= real("dt_high"))
    reportOnce("dt_low", "expects less than dt_high = " + text(real("dt_high")) + ", but got " + text(real("dt_low")));
  bool isLlama3 = block.ropeScaling == RopeScaling::Llama3, isYarn = block.ropeScaling == RopeScaling::Yarn;
  if (block.rope != RopeKind::None && isLlama3 && real("rope_low_factor") >= real("rope_high_factor"))
    reportOnce("rope_low_factor",
               "expects less than rope_high_factor = " + text(real("rope_high_factor")) + ", but got " + text(real("rope_low_factor")));
  if (block.rope != RopeKind::None && isYarn && real("rope_beta_slow") >= real("rope_beta_fast"))
    reportOnce("rope_beta_slow",
               "expects less than rope_beta_fast = " + text(real("rope_beta_fast")) + ", but got " + text(real("rope_beta_slow")));
  if (block.rope != RopeKind::None && block.ropeScaling == RopeScaling::Dynamic && real("rope_scale") < 1)
    reportOnce("rope_scale", "expects at least 1 for dynamic scaling, but got " + text(real("rope_scale")));
}
