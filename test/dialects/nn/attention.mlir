// RUN: tenon-opt %s | tenon-opt | FileCheck %s

// Nine query heads share three key heads.
// CHECK-LABEL: @attention
func.func @attention(%q: tensor<?x9x64xf32>, %k: tensor<?x3x64xf32>, %v: tensor<?x3x64xf32>) -> tensor<?x9x64xf32> {
  // CHECK: nn.attention %{{.*}}, %{{.*}}, %{{.*}} {causal, scale = 1.250000e-01 : f32} : tensor<?x9x64xf32>, tensor<?x3x64xf32>, tensor<?x3x64xf32> -> tensor<?x9x64xf32>
  %r = nn.attention %q, %k, %v {scale = 0.125 : f32, causal}
      : tensor<?x9x64xf32>, tensor<?x3x64xf32>, tensor<?x3x64xf32> -> tensor<?x9x64xf32>
  return %r : tensor<?x9x64xf32>
}

// Sinks and slopes carry their types with them.
// CHECK-LABEL: @sinks
func.func @sinks(%q: tensor<?x2x8xf32>, %k: tensor<?x1x8xf32>, %h: tensor<2xf32>) -> tensor<?x2x8xf32> {
  // CHECK: nn.attention {{.*}} sinks(%{{.*}} : tensor<2xf32>) {causal, scale = 5.000000e-01 : f32}
  %0 = nn.attention %q, %k, %k sinks(%h : tensor<2xf32>) {scale = 0.5 : f32, causal}
      : tensor<?x2x8xf32>, tensor<?x1x8xf32>, tensor<?x1x8xf32> -> tensor<?x2x8xf32>
  // CHECK: nn.attention {{.*}} sinks(%{{.*}} : tensor<2xf32>) slopes(%{{.*}} : tensor<2xf32>) {causal, chunk = 4 : i64, scale = 5.000000e-01 : f32}
  %1 = nn.attention %0, %k, %k sinks(%h : tensor<2xf32>) slopes(%h : tensor<2xf32>) {scale = 0.5 : f32, causal, chunk = 4}
      : tensor<?x2x8xf32>, tensor<?x1x8xf32>, tensor<?x1x8xf32> -> tensor<?x2x8xf32>
  return %1 : tensor<?x2x8xf32>
}

// All options at once.
// CHECK-LABEL: @options
func.func @options(%q: tensor<4x2x8xf32>, %k: tensor<6x1x8xf32>, %v: tensor<6x1x4xf32>, %b: tensor<2x4x6xf32>) -> tensor<4x2x4xf32> {
  // CHECK: nn.attention {{.*}}, bias %{{.*}} {causal, scale = 5.000000e-01 : f32, soft_cap = 3.000000e+01 : f32, window = 3 : i64}
  %r = nn.attention %q, %k, %v, bias %b {scale = 0.5 : f32, causal, window = 3, soft_cap = 30.0 : f32}
      : tensor<4x2x8xf32>, tensor<6x1x8xf32>, tensor<6x1x4xf32>, tensor<2x4x6xf32> -> tensor<4x2x4xf32>
  return %r : tensor<4x2x4xf32>
}
