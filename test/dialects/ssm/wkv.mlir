// RUN: tenon-opt %s | tenon-opt | FileCheck %s

// CHECK-LABEL: @wkv
func.func @wkv(%k: tensor<?x64xf32>, %v: tensor<?x64xf32>, %w: tensor<64xf32>, %u: tensor<64xf32>, %s: tensor<3x64xf32>) {
  // CHECK: ssm.wkv %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} state %{{.*}} : tensor<?x64xf32>, tensor<?x64xf32>, tensor<64xf32>, tensor<64xf32>, tensor<3x64xf32>
  %y, %next = ssm.wkv %k, %v, %w, %u state %s : tensor<?x64xf32>, tensor<?x64xf32>, tensor<64xf32>, tensor<64xf32>, tensor<3x64xf32>
  return
}
