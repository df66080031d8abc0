// RUN: tenon-opt %s | tenon-opt | FileCheck %s

// Softmax scores, one group, no scale: what is usual is not printed.
// CHECK-LABEL: @softmax
func.func @softmax(%logits: tensor<?x8xf32>) -> !moe.routing<experts = 8, used = 2> {
  // CHECK: moe.route %{{.*}} {renormalise} : tensor<?x8xf32> -> !moe.routing<experts = 8, used = 2>
  %r = moe.route %logits {score = #moe.score<softmax>, renormalise} : tensor<?x8xf32> -> !moe.routing<experts = 8, used = 2>
  return %r : !moe.routing<experts = 8, used = 2>
}

// CHECK-LABEL: @limited
func.func @limited(%logits: tensor<?x8xf32>, %b: tensor<8xf32>) -> !moe.routing<experts = 8, used = 2> {
  // CHECK: moe.route %{{.*}}, bias %{{.*}} {group_score = #moe.group_score<top2>, groups = 4 : i64, groups_used = 2 : i64, renormalise, scale = 2.500000e+00 : f32, score = #moe.score<sigmoid>} : tensor<?x8xf32>, tensor<8xf32>
  %s = moe.route %logits, bias %b {score = #moe.score<sigmoid>, groups = 4 : i64, groups_used = 2 : i64,
      group_score = #moe.group_score<top2>, renormalise, scale = 2.5 : f32}
      : tensor<?x8xf32>, tensor<8xf32> -> !moe.routing<experts = 8, used = 2>
  return %s : !moe.routing<experts = 8, used = 2>
}

// CHECK-LABEL: @selected
func.func @selected(%logits: tensor<?x4xbf16>) -> !moe.routing<experts = 4, used = 4> {
  // CHECK: moe.route %{{.*}} {score = #moe.score<softmax_selected>} : tensor<?x4xbf16> -> !moe.routing<experts = 4, used = 4>
  %r = moe.route %logits {score = #moe.score<softmax_selected>} : tensor<?x4xbf16> -> !moe.routing<experts = 4, used = 4>
  return %r : !moe.routing<experts = 4, used = 4>
}
