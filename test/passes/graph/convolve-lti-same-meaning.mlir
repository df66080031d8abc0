// RUN: tenon-interp %s --entry=main --input=input0=4x2xf32=1,2,-1,0.5,3,1,0,-2 --expected=output0=4x2xf32=0.39096224,-1.6784979,-0.37117347,-0.6733745,1.0938922,-0.9151493,0.05090276,1.659094 --tolerance=1e-6
// RUN: tenon-opt %s -canonicalize --tenon-convolve-lti=length=8 -o %t.mlir
// RUN: FileCheck %s < %t.mlir
// RUN: tenon-interp %t.mlir --entry=main --input=input0=4x2xf32=1,2,-1,0.5,3,1,0,-2 --expected=output0=4x2xf32=0.39096224,-1.6784979,-0.37117347,-0.6733745,1.0938922,-0.9151493,0.05090276,1.659094 --tolerance=1e-6

// A diagonal state space of published eigenvalues and the convolution with its kernel give the same numbers.
// CHECK: ssm.causal_conv
func.func @main(%x: tensor<4x2xf32>) -> tensor<4x2xf32> {
  %g, %p, %b = ssm.diagonal lin zoh steps = [1.0e-01, 0.2] -> tensor<4x2xf32>, tensor<4x2xf32>, tensor<2x4x2xf32>
  %c = nn.constant dense<0.5> : tensor<2x4x2xf32>
  %d = nn.constant dense<[0.25, -1.0]> : tensor<2xf32>
  %s = nn.constant dense<0.0> : tensor<2x4x2xf32>
  %y, %n = ssm.lti %x, %g, %p, %b, %c skip %d state %s
      : tensor<4x2xf32>, tensor<4x2xf32>, tensor<4x2xf32>, tensor<2x4x2xf32>, tensor<2x4x2xf32>, tensor<2xf32>, tensor<2x4x2xf32>
  return %y : tensor<4x2xf32>
}
