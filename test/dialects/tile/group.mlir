// RUN: tenon-opt %s --verify-roundtrip | FileCheck %s

// CHECK-LABEL: func.func @groups
func.func @groups(%x: tensor<?x64xf32>, %w: tensor<64xf32>) -> tensor<?x64xf32> {
  // CHECK: %{{.*}} = tile.group family(rowwise) (%{{.*}}, %{{.*}}) : (tensor<?x64xf32>, tensor<64xf32>) -> tensor<?x64xf32>
  %y = tile.group family(rowwise) (%x, %w) : (tensor<?x64xf32>, tensor<64xf32>) -> tensor<?x64xf32> {
  ^bb0(%a: tensor<?x64xf32>, %b: tensor<64xf32>):
    %n = nn.rms_norm %a, %b eps = 1.0e-5 : tensor<?x64xf32>, tensor<64xf32>
    tile.yield %n : tensor<?x64xf32>
  }
  return %y : tensor<?x64xf32>
}
