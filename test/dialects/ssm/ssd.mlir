// RUN: tenon-opt %s | tenon-opt | FileCheck %s

// CHECK-LABEL: @ssd
func.func @ssd(%x: tensor<?x8x64xf32>, %dt: tensor<?x8xf32>, %a: tensor<8xf32>, %b: tensor<?x2x16xf32>, %c: tensor<?x2x16xf32>,
               %d: tensor<8xf32>, %s: tensor<8x16x64xf32>) {
  // CHECK: ssm.ssd %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} skip %{{.*}} state %{{.*}} : tensor<?x8x64xf32>, tensor<?x8xf32>, tensor<8xf32>, tensor<?x2x16xf32>, tensor<?x2x16xf32>, tensor<8xf32>, tensor<8x16x64xf32>
  %y, %next = ssm.ssd %x, %dt, %a, %b, %c skip %d state %s : tensor<?x8x64xf32>, tensor<?x8xf32>, tensor<8xf32>, tensor<?x2x16xf32>,
      tensor<?x2x16xf32>, tensor<8xf32>, tensor<8x16x64xf32>
  // CHECK: ssm.ssd %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} state
  %z, %last = ssm.ssd %x, %dt, %a, %b, %c state %s : tensor<?x8x64xf32>, tensor<?x8xf32>, tensor<8xf32>, tensor<?x2x16xf32>,
      tensor<?x2x16xf32>, tensor<8x16x64xf32>
  return
}
