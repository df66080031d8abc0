// RUN: tenon-opt %s --canonicalize | FileCheck %s

// A reshape of a reshape reads the first input.
// CHECK-LABEL: @reshape_twice
// CHECK-SAME: %[[X:.*]]: tensor<?x64xf32>
func.func @reshape_twice(%x: tensor<?x64xf32>) -> tensor<?x32xf32> {
  // CHECK-NEXT: %[[Y:.*]] = nn.reshape %[[X]] : tensor<?x64xf32> to tensor<?x32xf32>
  // CHECK-NEXT: return %[[Y]]
  %a = nn.reshape %x : tensor<?x64xf32> to tensor<?xf32>
  %b = nn.reshape %a : tensor<?xf32> to tensor<?x32xf32>
  return %b : tensor<?x32xf32>
}

// A reshape to the shape that is there is nothing.
// CHECK-LABEL: @reshape_back
// CHECK-SAME: %[[X:.*]]: tensor<?x64xf32>
func.func @reshape_back(%x: tensor<?x64xf32>) -> tensor<?x64xf32> {
  // CHECK-NEXT: return %[[X]]
  %a = nn.reshape %x : tensor<?x64xf32> to tensor<?x8x8xf32>
  %b = nn.reshape %a : tensor<?x8x8xf32> to tensor<?x64xf32>
  return %b : tensor<?x64xf32>
}

// A constant takes the shape.
// CHECK-LABEL: @reshape_constant
func.func @reshape_constant() -> tensor<2x1xf32> {
  // CHECK-NEXT: %[[C:.*]] = nn.constant dense<{{.*}}> : tensor<2x1xf32>
  // CHECK-NEXT: return %[[C]]
  %a = nn.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %b = nn.reshape %a : tensor<2xf32> to tensor<2x1xf32>
  return %b : tensor<2x1xf32>
}

// Two transposes are one, and one that changes nothing goes.
// CHECK-LABEL: @transpose_twice
// CHECK-SAME: %[[X:.*]]: tensor<2x3x4xf32>
func.func @transpose_twice(%x: tensor<2x3x4xf32>) -> (tensor<4x2x3xf32>, tensor<2x3x4xf32>) {
  // CHECK-NEXT: %[[Y:.*]] = nn.transpose %[[X]] permutation = [2, 0, 1] : tensor<2x3x4xf32> -> tensor<4x2x3xf32>
  // CHECK-NEXT: return %[[Y]], %[[X]]
  %a = nn.transpose %x permutation = [1, 2, 0] : tensor<2x3x4xf32> -> tensor<3x4x2xf32>
  %b = nn.transpose %a permutation = [1, 2, 0] : tensor<3x4x2xf32> -> tensor<4x2x3xf32>
  %c = nn.transpose %b permutation = [1, 2, 0] : tensor<4x2x3xf32> -> tensor<2x3x4xf32>
  return %b, %c : tensor<4x2x3xf32>, tensor<2x3x4xf32>
}

// One tensor alone is its own concatenation, and a whole slice is its input.
// CHECK-LABEL: @whole
// CHECK-SAME: %[[X:.*]]: tensor<4x8xf32>
func.func @whole(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
  // CHECK-NEXT: return %[[X]]
  %a = nn.concat %x dim = 1 : tensor<4x8xf32> -> tensor<4x8xf32>
  %b = nn.slice %a dim = 0 start = -4 size = 4 : tensor<4x8xf32> -> tensor<4x8xf32>
  return %b : tensor<4x8xf32>
}
