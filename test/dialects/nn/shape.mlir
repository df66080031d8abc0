// RUN: tenon-opt %s | tenon-opt | FileCheck %s

// CHECK-LABEL: @reshape
func.func @reshape(%x: tensor<?x576xf32>) -> tensor<?x9x64xf32> {
  // CHECK: nn.reshape %{{.*}} : tensor<?x576xf32> to tensor<?x9x64xf32>
  %y = nn.reshape %x : tensor<?x576xf32> to tensor<?x9x64xf32>
  return %y : tensor<?x9x64xf32>
}

// CHECK-LABEL: @transpose
func.func @transpose(%x: tensor<?x64xf32>) -> tensor<64x?xf32> {
  // CHECK: nn.transpose %{{.*}} permutation = [1, 0] : tensor<?x64xf32> -> tensor<64x?xf32>
  %y = nn.transpose %x permutation = [1, 0] : tensor<?x64xf32> -> tensor<64x?xf32>
  return %y : tensor<64x?xf32>
}

// CHECK-LABEL: @concat
func.func @concat(%a: tensor<?x64xf32>, %b: tensor<2x64xf32>) -> tensor<?x64xf32> {
  // CHECK: nn.concat %{{.*}}, %{{.*}} dim = 0 : tensor<?x64xf32>, tensor<2x64xf32> -> tensor<?x64xf32>
  %y = nn.concat %a, %b dim = 0 : tensor<?x64xf32>, tensor<2x64xf32> -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}

// A negative start counts from the end.
// CHECK-LABEL: @last
func.func @last(%x: tensor<?x64xf32>) -> tensor<1x64xf32> {
  // CHECK: nn.slice %{{.*}} dim = 0 start = -1 size = 1 : tensor<?x64xf32> -> tensor<1x64xf32>
  %last = nn.slice %x dim = 0 start = -1 size = 1 : tensor<?x64xf32> -> tensor<1x64xf32>
  return %last : tensor<1x64xf32>
}

// CHECK-LABEL: @gather
func.func @gather(%x: tensor<?x64xf32>, %i: tensor<4xi32>) -> tensor<4x64xf32> {
  // CHECK: nn.gather %{{.*}}, %{{.*}} : tensor<?x64xf32>, tensor<4xi32> -> tensor<4x64xf32>
  %y = nn.gather %x, %i : tensor<?x64xf32>, tensor<4xi32> -> tensor<4x64xf32>
  return %y : tensor<4x64xf32>
}
