// RUN: tenon-opt %s | tenon-opt | FileCheck %s

// CHECK-LABEL: @lti
func.func @lti(%x: tensor<?x8xf32>, %g: tensor<4x8xf32>, %p: tensor<4x8xf32>, %b: tensor<2x4x8xf32>, %c: tensor<2x4x8xf32>, %d: tensor<8xf32>,
               %s: tensor<2x4x8xf32>) {
  // CHECK: ssm.lti %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} skip %{{.*}} state %{{.*}} : tensor<?x8xf32>, tensor<4x8xf32>
  %y, %next = ssm.lti %x, %g, %p, %b, %c skip %d state %s : tensor<?x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<2x4x8xf32>,
      tensor<2x4x8xf32>, tensor<8xf32>, tensor<2x4x8xf32>
  // CHECK: ssm.lti %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} state %{{.*}}
  %z, %last = ssm.lti %x, %g, %p, %b, %c state %s : tensor<?x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<2x4x8xf32>,
      tensor<2x4x8xf32>, tensor<2x4x8xf32>
  return
}
