// RUN: tenon-opt %s | tenon-opt | FileCheck %s

// CHECK-LABEL: @experts
func.func @experts(%x: tensor<?x64xf32>, %w: tensor<8x32x64x!nn.q4_0>, %r: !moe.routing<experts = 8, used = 2>) -> tensor<?x32xf32> {
  // CHECK: moe.dispatch %{{.*}}, %{{.*}} : tensor<?x64xf32>, !moe.routing<experts = 8, used = 2> -> tensor<?x2x64xf32>
  %d = moe.dispatch %x, %r : tensor<?x64xf32>, !moe.routing<experts = 8, used = 2> -> tensor<?x2x64xf32>
  // CHECK: moe.grouped_linear %{{.*}}, %{{.*}}, %{{.*}} {activation = #nn.activation<q8>} : tensor<?x2x64xf32>, tensor<8x32x64x!nn.q4_0>, !moe.routing<experts = 8, used = 2> -> tensor<?x2x32xf32>
  %y = moe.grouped_linear %d, %w, %r {activation = #nn.activation<q8>}
      : tensor<?x2x64xf32>, tensor<8x32x64x!nn.q4_0>, !moe.routing<experts = 8, used = 2> -> tensor<?x2x32xf32>
  // CHECK: moe.combine %{{.*}}, %{{.*}} : tensor<?x2x32xf32>, !moe.routing<experts = 8, used = 2> -> tensor<?x32xf32>
  %z = moe.combine %y, %r : tensor<?x2x32xf32>, !moe.routing<experts = 8, used = 2> -> tensor<?x32xf32>
  return %z : tensor<?x32xf32>
}

// Weights may be taken before the experts; a linear may have a bias for each expert.
// CHECK-LABEL: @weighted
func.func @weighted(%x: tensor<?x4xf32>, %w: tensor<3x2x4xf32>, %b: tensor<3x2xf32>, %r: !moe.routing<experts = 3, used = 1>) -> tensor<?x2xf32> {
  // CHECK: moe.dispatch %{{.*}}, %{{.*}} {weighted} : tensor<?x4xf32>
  %d = moe.dispatch %x, %r {weighted} : tensor<?x4xf32>, !moe.routing<experts = 3, used = 1> -> tensor<?x1x4xf32>
  // CHECK: moe.grouped_linear %{{.*}}, %{{.*}}, %{{.*}}, bias %{{.*}} : tensor<?x1x4xf32>, tensor<3x2x4xf32>, !moe.routing<experts = 3, used = 1>, tensor<3x2xf32> -> tensor<?x1x2xf32>
  %y = moe.grouped_linear %d, %w, %r, bias %b
      : tensor<?x1x4xf32>, tensor<3x2x4xf32>, !moe.routing<experts = 3, used = 1>, tensor<3x2xf32> -> tensor<?x1x2xf32>
  // CHECK: moe.combine %{{.*}}, %{{.*}} {unweighted} : tensor<?x1x2xf32>
  %z = moe.combine %y, %r {unweighted} : tensor<?x1x2xf32>, !moe.routing<experts = 3, used = 1> -> tensor<?x2xf32>
  return %z : tensor<?x2xf32>
}

// Rounded activations are dispatched as they are.
// CHECK-LABEL: @rounded
func.func @rounded(%x: tensor<?x64x!nn.a8>, %r: !moe.routing<experts = 8, used = 2>) -> tensor<?x2x64x!nn.a8> {
  // CHECK: moe.dispatch %{{.*}} : tensor<?x64x!nn.a8>, !moe.routing<experts = 8, used = 2> -> tensor<?x2x64x!nn.a8>
  %d = moe.dispatch %x, %r : tensor<?x64x!nn.a8>, !moe.routing<experts = 8, used = 2> -> tensor<?x2x64x!nn.a8>
  return %d : tensor<?x2x64x!nn.a8>
}
