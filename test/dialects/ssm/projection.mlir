// RUN: tenon-opt %s | tenon-opt | FileCheck %s

// CHECK-LABEL: @constants
func.func @constants() -> (tensor<16x16xf32>, tensor<16xf32>, tensor<8x2xf32>, tensor<8x2xf32>, tensor<2x8x2xf32>, tensor<2x64xf32>) {
  // CHECK: ssm.hippo legt bilinear step = 3.125000e-02 -> tensor<16x16xf32>, tensor<16xf32>
  %a, %b = ssm.hippo legt bilinear step = 3.125e-02 -> tensor<16x16xf32>, tensor<16xf32>
  // CHECK: ssm.diagonal lin zoh steps = [1.000000e-02, 1.000000e-01] -> tensor<8x2xf32>, tensor<8x2xf32>, tensor<2x8x2xf32>
  %g, %p, %d = ssm.diagonal lin zoh steps = [1.0e-02, 1.0e-01] -> tensor<8x2xf32>, tensor<8x2xf32>, tensor<2x8x2xf32>
  // CHECK: ssm.kernel c = dense<5.000000e-01> : tensor<2x4x2xf32> steps = [1.000000e-02, 1.000000e-01] -> tensor<2x64xf32>
  %w = ssm.kernel c = dense<0.5> : tensor<2x4x2xf32> steps = [1.0e-02, 1.0e-01] -> tensor<2x64xf32>
  return %a, %b, %g, %p, %d, %w
      : tensor<16x16xf32>, tensor<16xf32>, tensor<8x2xf32>, tensor<8x2xf32>, tensor<2x8x2xf32>, tensor<2x64xf32>
}

// CHECK-LABEL: @projections
func.func @projections(%x: tensor<?x2xf32>, %a: tensor<16x16xf32>, %b: tensor<16xf32>, %s: tensor<16x2xf32>, %t: tensor<17x2xf32>)
    -> (tensor<?x16x2xf32>, tensor<?x17x2xf32>) {
  // CHECK: ssm.project %{{.*}}, %{{.*}}, %{{.*}} state %{{.*}} : tensor<?x2xf32>, tensor<16x16xf32>, tensor<16xf32>, tensor<16x2xf32>
  %c, %next = ssm.project %x, %a, %b state %s : tensor<?x2xf32>, tensor<16x16xf32>, tensor<16xf32>, tensor<16x2xf32>
  // CHECK: ssm.project_whole %{{.*}} state %{{.*}} : tensor<?x2xf32>, tensor<17x2xf32>
  %d, %last = ssm.project_whole %x state %t : tensor<?x2xf32>, tensor<17x2xf32>
  return %c, %d : tensor<?x16x2xf32>, tensor<?x17x2xf32>
}
