// RUN: tenon-opt %s | tenon-opt | FileCheck %s

// CHECK-LABEL: @selective_scan
func.func @selective_scan(%x: tensor<?x64xf32>, %dt: tensor<?x64xf32>, %a: tensor<16x64xf32>, %b: tensor<?x16xf32>, %c: tensor<?x16xf32>,
                          %d: tensor<64xf32>, %s: tensor<16x64xf32>) {
  // CHECK: ssm.selective_scan %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} skip %{{.*}} state %{{.*}} : tensor<?x64xf32>, tensor<?x64xf32>, tensor<16x64xf32>, tensor<?x16xf32>, tensor<?x16xf32>, tensor<64xf32>, tensor<16x64xf32>
  %y, %next = ssm.selective_scan %x, %dt, %a, %b, %c skip %d state %s : tensor<?x64xf32>, tensor<?x64xf32>, tensor<16x64xf32>,
      tensor<?x16xf32>, tensor<?x16xf32>, tensor<64xf32>, tensor<16x64xf32>
  // CHECK: ssm.selective_scan %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} state
  %z, %last = ssm.selective_scan %x, %dt, %a, %b, %c state %s : tensor<?x64xf32>, tensor<?x64xf32>, tensor<16x64xf32>,
      tensor<?x16xf32>, tensor<?x16xf32>, tensor<16x64xf32>
  return
}
