//===- Route.td - the choice of experts ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_DIALECTS_MOE_ROUTE
#define TENON_DIALECTS_MOE_ROUTE

include "tenon/dialects/moe/Dialect.td"

def Moe_Score : I32EnumAttr<"Score", "what a logit is worth", [
    I32EnumAttrCase<"softmax", 0>, I32EnumAttrCase<"sigmoid", 1>, I32EnumAttrCase<"softmax_selected", 2>]> {
  let cppNamespace = "::tenon::moe";
  let genSpecializedAttr = 0;
}
def Moe_ScoreAttr : EnumAttr<Moe_Dialect, Moe_Score, "score"> {
  let assemblyFormat = "`<` $value `>`";
}

def Moe_GroupScore : I32EnumAttr<"GroupScore", "what a group of experts is worth", [
    I32EnumAttrCase<"max", 0>, I32EnumAttrCase<"top2", 1>]> {
  let cppNamespace = "::tenon::moe";
  let genSpecializedAttr = 0;
}
def Moe_GroupScoreAttr : EnumAttr<Moe_Dialect, Moe_GroupScore, "group_score"> {
  let assemblyFormat = "`<` $value `>`";
}

def Moe_RouteOp : Moe_Op<"route"> {
  let summary = "the experts of each token, chosen by a router's logits";
  let description = [{
    For each token t, with `s[e]` by `score`

    * `softmax`: `exp(logits[t, e]) / sum_f exp(logits[t, f])`;
    * `sigmoid`: `1 / (1 + exp(-logits[t, e]))`;
    * `softmax_selected`: `logits[t, e]`;

    experts are chosen by `c[e] = s[e] + bias[e]`:

    1. The E experts are `groups` groups of consecutive ones. A group is worth its largest c (`max`) or the sum of its two largest (`top2`);
       the `groups_used` groups of most worth stay.
    2. `expert[t, 0], ..., expert[t, K - 1]` are the experts of those groups with the largest c, in descending order.

    Of equals the one with the lowest index comes first. Then `w[j] = s[expert[t, j]]`, without the bias; with `softmax_selected`
    `w[j] = exp(s[expert[t, j]]) / sum_i exp(s[expert[t, i]])`. With `renormalise` w is divided by `sum_i w[i] + 1e-20`. Last,
    `weight[t, j] = w[j] * scale`.

    If a logit of the token or a bias is not a number, the experts are 0 to K - 1 and all weights are not numbers.

    Constraints:
    * (C1) `logits` has rank 2.
    * (C2) `dim(logits, 1)` is the number of experts.
    * (C3) `shape(bias) = [dim(logits, 1)]`.
    * (C4) `groups` is positive and divides the number of experts.
    * (C5) `groups_used` is positive and at most `groups`.
    * (C6) the groups that stay have at least K experts.
    * (C7) with `top2` a group has at least two experts.

    Example (test/dialects/moe/route.mlir):

    ```mlir
    %r = moe.route %logits {score = #moe.score<softmax>, renormalise} : tensor<?x8xf32> -> !moe.routing<experts = 8, used = 2>
    %s = moe.route %logits, bias %b {score = #moe.score<sigmoid>, groups = 4 : i64, groups_used = 2 : i64,
        group_score = #moe.group_score<top2>, renormalise, scale = 2.5 : f32}
        : tensor<?x8xf32>, tensor<8xf32> -> !moe.routing<experts = 8, used = 2>
    ```

    Lowers to a rowwise kernel.
  }];
  let arguments = (ins NN_FloatTensor:$logits, Optional<NN_FloatTensor>:$bias,
      DefaultValuedAttr<Moe_ScoreAttr, "::tenon::moe::Score::softmax">:$score, UnitAttr:$renormalise,
      DefaultValuedAttr<F32Attr, "1.0f">:$scale, DefaultValuedAttr<NN_I64Attr, "1">:$groups,
      DefaultValuedAttr<NN_I64Attr, "1">:$groups_used,
      DefaultValuedAttr<Moe_GroupScoreAttr, "::tenon::moe::GroupScore::max">:$group_score);
  let results = (outs Moe_Routing:$result);
  let assemblyFormat = [{
    $logits (`,` `bias` $bias^)? attr-dict `:` type($logits) (`,` type($bias)^)? `->` qualified(type($result))
  }];
  let hasVerifier = 1;
}

#endif // TENON_DIALECTS_MOE_ROUTE
