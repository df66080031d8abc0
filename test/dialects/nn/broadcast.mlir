// RUN: tenon-opt %s | tenon-opt | FileCheck %s

// New dimensions stand anywhere; a dynamic one has the rows of another tensor.
// CHECK-LABEL: @broadcast
func.func @broadcast(%x: tensor<?x64xf32>, %w: tensor<64xf32>) {
  // CHECK: nn.broadcast %{{.*}} dims = [0, 2] : tensor<?x64xf32> -> tensor<?x16x64xf32>
  %y = nn.broadcast %x dims = [0, 2] : tensor<?x64xf32> -> tensor<?x16x64xf32>
  // CHECK: nn.broadcast %{{.*}} dims = [1] rows %{{.*}} : tensor<64xf32>, tensor<?x64xf32> -> tensor<?x64xf32>
  %z = nn.broadcast %w dims = [1] rows %x : tensor<64xf32>, tensor<?x64xf32> -> tensor<?x64xf32>
  return
}
