// RUN: tenon-opt %s | tenon-opt | FileCheck %s

// CHECK-LABEL: @position_embedding
func.func @position_embedding(%tokens: tensor<?xi32>, %table: tensor<514x64xf32>, %n: index) -> tensor<?x64xf32> {
  // CHECK: nn.position_embedding %{{.*}}, %{{.*}} start(%{{.*}}) {offset = 2 : i64} : tensor<?xi32>, tensor<514x64xf32> -> tensor<?x64xf32>
  %p = nn.position_embedding %tokens, %table start(%n) {offset = 2} : tensor<?xi32>, tensor<514x64xf32> -> tensor<?x64xf32>
  return %p : tensor<?x64xf32>
}

// Without a start the first token is at position 0.
// CHECK-LABEL: @from_zero
func.func @from_zero(%tokens: tensor<?xi32>, %table: tensor<512x64x!nn.q8_0>) -> tensor<?x64xf32> {
  // CHECK: nn.position_embedding %{{.*}}, %{{.*}} : tensor<?xi32>, tensor<512x64x!nn.q8_0> -> tensor<?x64xf32>
  %p = nn.position_embedding %tokens, %table : tensor<?xi32>, tensor<512x64x!nn.q8_0> -> tensor<?x64xf32>
  return %p : tensor<?x64xf32>
}

// CHECK-LABEL: @position_scale
func.func @position_scale(%q: tensor<?x9x64xf32>, %n: index) -> tensor<?x9x64xf32> {
  // CHECK: nn.position_scale %{{.*}}, %{{.*}} {interval = 8192 : i64, scale = 1.000000e-01 : f32} : tensor<?x9x64xf32>, index
  %y = nn.position_scale %q, %n {scale = 0.1 : f32, interval = 8192} : tensor<?x9x64xf32>, index
  return %y : tensor<?x9x64xf32>
}
