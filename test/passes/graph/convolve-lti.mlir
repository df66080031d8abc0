// RUN: tenon-opt %s --split-input-file --tenon-convolve-lti=length=16 --verify-diagnostics | FileCheck %s
// RUN: not tenon-opt %s --split-input-file --tenon-convolve-lti=length=16 --remarks-filter=tenon-convolve-lti 2>&1 | FileCheck %s --check-prefix=WHY
// RUN: not tenon-opt %s --split-input-file --tenon-convolve-lti=length=0 2>&1 | FileCheck %s --check-prefix=LENGTH
// LENGTH: error: expects a length of at least 1, but got 0
// WHY-DAG: ssm.lti becomes a convolution of 16 taps
// WHY-DAG: ssm.lti stays a recurrence: its parameters are not constants

// The kernel of one decaying number is its powers, the row's own tap last.
// CHECK-LABEL: @known
// CHECK: ssm.causal_conv %{{.*}}, %{{.*}} state %{{.*}} : tensor<4x1xf32>, tensor<1x16xf32>, tensor<15x1xf32>
// CHECK-NOT: ssm.lti
func.func @known(%x: tensor<4x1xf32>) -> tensor<4x1xf32> {
  %g = nn.constant dense<-0.6931471806> : tensor<1x1xf32>
  %p = nn.constant dense<0.0> : tensor<1x1xf32>
  %b = nn.constant dense<[[[1.0]], [[0.0]]]> : tensor<2x1x1xf32>
  %s = nn.constant dense<0.0> : tensor<2x1x1xf32>
  %y, %n = ssm.lti %x, %g, %p, %b, %b state %s
      : tensor<4x1xf32>, tensor<1x1xf32>, tensor<1x1xf32>, tensor<2x1x1xf32>, tensor<2x1x1xf32>, tensor<2x1x1xf32>
  return %y : tensor<4x1xf32>
}

// -----

// CHECK-LABEL: @unknown
// CHECK: ssm.lti
func.func @unknown(%x: tensor<4x1xf32>, %g: tensor<1x1xf32>) -> tensor<4x1xf32> {
  %p = nn.constant dense<0.0> : tensor<1x1xf32>
  %b = nn.constant dense<[[[1.0]], [[0.0]]]> : tensor<2x1x1xf32>
  %s = nn.constant dense<0.0> : tensor<2x1x1xf32>
  %y, %n = ssm.lti %x, %g, %p, %b, %b state %s
      : tensor<4x1xf32>, tensor<1x1xf32>, tensor<1x1xf32>, tensor<2x1x1xf32>, tensor<2x1x1xf32>, tensor<2x1x1xf32>
  return %y : tensor<4x1xf32>
}

// -----

func.func @long(%x: tensor<17x1xf32>) -> tensor<17x1xf32> {
  %g = nn.constant dense<-0.5> : tensor<1x1xf32>
  %b = nn.constant dense<[[[1.0]], [[0.0]]]> : tensor<2x1x1xf32>
  %s = nn.constant dense<0.0> : tensor<2x1x1xf32>
  // expected-error @below {{expects a sequence of at most 16 rows, the length of the kernel, but got 17}}
  %y, %n = ssm.lti %x, %g, %g, %b, %b state %s
      : tensor<17x1xf32>, tensor<1x1xf32>, tensor<1x1xf32>, tensor<2x1x1xf32>, tensor<2x1x1xf32>, tensor<2x1x1xf32>
  return %y : tensor<17x1xf32>
}
