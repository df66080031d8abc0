// RUN: tenon-opt %s --canonicalize | FileCheck %s

// Without a new dimension nothing is repeated.
// CHECK-LABEL: @same
// CHECK-SAME: %[[X:.*]]: tensor<?x8xf32>
func.func @same(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  // CHECK-NEXT: return %[[X]]
  %y = nn.broadcast %x dims = [0, 1] : tensor<?x8xf32> -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// CHECK-LABEL: @repeated
func.func @repeated(%x: tensor<?x8xf32>) -> tensor<?x1x8xf32> {
  // CHECK-NEXT: nn.broadcast
  %y = nn.broadcast %x dims = [0, 2] : tensor<?x8xf32> -> tensor<?x1x8xf32>
  return %y : tensor<?x1x8xf32>
}
