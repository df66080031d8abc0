// RUN: tenon-interp %s --entry=rms_norm --input=input0=1x4xf32=1,-1,3,-3 --input=input1=4xf32=1,2,1,1 | FileCheck %s --check-prefix=RMS
// RUN: tenon-interp %s --entry=layer_norm --input=input0=1x4xf32=1,3,1,3 --input=input1=4xf32=1,2,1,1 --input=input2=4xf32=0,0,10,0 | FileCheck %s --check-prefix=LAYER
// RUN: tenon-interp %s --entry=rms_norm_only --input=input0=1x4xf32=1,-1,3,-3 | FileCheck %s --check-prefix=RMS-ONLY
// RUN: tenon-interp %s --entry=layer_norm_only --input=input0=1x4xf32=1,3,1,3 --input=input1=4xf32=1,2,1,1 | FileCheck %s --check-prefix=LAYER-ONLY
// RUN: tenon-interp %s --entry=softmax --input=input0=2x2xf32=0,0,1000,999 | FileCheck %s --check-prefix=SOFTMAX

// The mean of the squares is 5, and eps makes it 6.25: each value is divided by 2.5.
// RMS: output0=1x4xf32=0.4,-0.8,1.2,-1.2
func.func @rms_norm(%x: tensor<?x4xf32>, %w: tensor<4xf32>) -> tensor<?x4xf32> {
  %y = nn.rms_norm %x, %w eps = 1.25 : tensor<?x4xf32>, tensor<4xf32>
  return %y : tensor<?x4xf32>
}

// The mean is 2 and the variance 1.
// LAYER: output0=1x4xf32=-1,2,9,1
func.func @layer_norm(%x: tensor<?x4xf32>, %w: tensor<4xf32>, %b: tensor<4xf32>) -> tensor<?x4xf32> {
  %y = nn.layer_norm %x, %w, %b eps = 0.0 : tensor<?x4xf32>, tensor<4xf32>, tensor<4xf32>
  return %y : tensor<?x4xf32>
}

// RMS-ONLY: output0=1x4xf32=0.4,-0.4,1.2,-1.2
func.func @rms_norm_only(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %y = nn.rms_norm %x eps = 1.25 : tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// With a weight, then without one: the mean of (-1, 2, -1, 1) is 0.25, its variance 1.6875.
// LAYER-ONLY: output0=1x4xf32=-0.96225{{[0-9]*}},1.34715{{[0-9]*}},-0.96225{{[0-9]*}},0.57735
func.func @layer_norm_only(%x: tensor<?x4xf32>, %w: tensor<4xf32>) -> tensor<?x4xf32> {
  %y = nn.layer_norm %x, %w eps = 0.0 : tensor<?x4xf32>, tensor<4xf32>
  %z = nn.layer_norm %y eps = 0.0 : tensor<?x4xf32>
  return %z : tensor<?x4xf32>
}

// Large values do not overflow.
// SOFTMAX: output0=2x2xf32=0.5,0.5,0.731058{{[0-9]*}},0.26894
func.func @softmax(%x: tensor<?x2xf32>) -> tensor<?x2xf32> {
  %y = nn.softmax %x : tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}
