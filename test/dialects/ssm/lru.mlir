// RUN: tenon-opt %s | tenon-opt | FileCheck %s

// Real with a decay for each row, complex with a fixed one.
// CHECK-LABEL: @lru
func.func @lru(%x: tensor<?x64xf32>, %g: tensor<?x64xf32>, %s: tensor<1x64xf32>, %u: tensor<?x2x64xf32>, %h: tensor<64xf32>, %p: tensor<64xf32>,
               %t: tensor<2x64xf32>) {
  // CHECK: ssm.lru %{{.*}}, %{{.*}} state %{{.*}} : tensor<?x64xf32>, tensor<?x64xf32>, tensor<1x64xf32>
  %y, %next = ssm.lru %x, %g state %s : tensor<?x64xf32>, tensor<?x64xf32>, tensor<1x64xf32>
  // CHECK: ssm.lru %{{.*}}, %{{.*}} phase %{{.*}} state %{{.*}} : tensor<?x2x64xf32>, tensor<64xf32>, tensor<64xf32>, tensor<2x64xf32>
  %z, %last = ssm.lru %u, %h phase %p state %t : tensor<?x2x64xf32>, tensor<64xf32>, tensor<64xf32>, tensor<2x64xf32>
  return
}
