// RUN: tenon-opt %s | tenon-opt | FileCheck %s

// CHECK-LABEL: @greedy
func.func @greedy(%logits: tensor<1x256xf32>) -> tensor<1xi32> {
  // CHECK: decode.greedy %{{.*}} : tensor<1x256xf32> -> tensor<1xi32>
  %t = decode.greedy %logits : tensor<1x256xf32> -> tensor<1xi32>
  return %t : tensor<1xi32>
}

// Filters that let everything pass are not printed.
// CHECK-LABEL: @sample
func.func @sample(%logits: tensor<?x256xf32>, %uniform: tensor<?xf32>) -> tensor<?xi32> {
  // CHECK: decode.sample %{{.*}}, %{{.*}} {temperature = 8.000000e-01 : f32, top_k = 40 : i64} : tensor<?x256xf32>, tensor<?xf32> -> tensor<?xi32>
  %t = decode.sample %logits, %uniform {temperature = 0.8 : f32, top_k = 40 : i64, top_p = 1.0 : f32}
      : tensor<?x256xf32>, tensor<?xf32> -> tensor<?xi32>
  return %t : tensor<?xi32>
}
