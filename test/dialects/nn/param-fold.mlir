// RUN: tenon-opt %s --canonicalize --cse | FileCheck %s

// Equal constants become one.
// CHECK-LABEL: @equal
func.func @equal() -> (tensor<2xf32>, tensor<2xf32>) {
  // CHECK-NEXT: %[[C:.*]] = nn.constant
  // CHECK-NEXT: return %[[C]], %[[C]]
  %a = nn.constant dense<[1.0, 0.1]> : tensor<2xf32>
  %b = nn.constant dense<[1.0, 0.1]> : tensor<2xf32>
  return %a, %b : tensor<2xf32>, tensor<2xf32>
}
