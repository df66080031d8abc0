// RUN: tenon-opt %s -canonicalize | FileCheck %s

// Constants are made when the compiler folds: here the published transition of LegS, one unit by Euler's rule, so I + A.
// CHECK-LABEL: @hippo
// CHECK-NOT: ssm.hippo
// CHECK-DAG: dense<{{\[\[}}0.000000e+00, 0.000000e+00, 0.000000e+00], [-1.73205078, -1.000000e+00, 0.000000e+00], [-2.23606801, -3.87298346, -2.000000e+00]]>
// CHECK-DAG: dense<[1.000000e+00, 1.73205078, 2.23606801]>
func.func @hippo() -> (tensor<3x3xf32>, tensor<3xf32>) {
  %a, %b = ssm.hippo legs euler step = 1.0 -> tensor<3x3xf32>, tensor<3xf32>
  return %a, %b : tensor<3x3xf32>, tensor<3xf32>
}

// exp(dt (-1/2 + i pi n)) as logarithm and angle.
// CHECK-LABEL: @diagonal
// CHECK-NOT: ssm.diagonal
// CHECK-DAG: dense<-5.000000e-03> : tensor<2x1xf32>
// CHECK-DAG: dense<{{\[\[}}0.000000e+00], [0.0314159282]]>
func.func @diagonal() -> (tensor<2x1xf32>, tensor<2x1xf32>, tensor<2x2x1xf32>) {
  %g, %p, %b = ssm.diagonal lin zoh steps = [1.0e-02] -> tensor<2x1xf32>, tensor<2x1xf32>, tensor<2x2x1xf32>
  return %g, %p, %b : tensor<2x1xf32>, tensor<2x1xf32>, tensor<2x2x1xf32>
}

// CHECK-LABEL: @kernel
// CHECK-NOT: ssm.kernel
// CHECK: return
func.func @kernel() -> tensor<2x64xf32> {
  %w = ssm.kernel c = dense<0.5> : tensor<2x4x2xf32> steps = [1.0e-02, 1.0e-01] -> tensor<2x64xf32>
  return %w : tensor<2x64xf32>
}
