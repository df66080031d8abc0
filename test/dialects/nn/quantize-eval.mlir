// RUN: tenon-interp %s --entry=a8 --input=input0=1x32xf32=127,1,0.4,0.5,-0.5,-126.6,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0 | FileCheck %s --check-prefix=A8
// RUN: tenon-interp %s --entry=a16 --input=input0=1x32xf32=127,1,0.4,0.5,-0.5,-126.6,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0 | FileCheck %s --check-prefix=A16
// RUN: tenon-interp %s --entry=a8 --input=input0=1x32xf32=0 | FileCheck %s --check-prefix=ZERO
// RUN: tenon-interp %s --entry=convert --input=input0=4xf32=1,0.1,65520,1.00048828125 | FileCheck %s --check-prefix=CONVERT

// The scale is 1, so values become the nearest integers, halves away from zero.
// A8: output0=1x32xf32=127,1,0,1,-1,-127,0
// A block of zeros stays zero.
// ZERO: output0=1x32xf32=0,0,0
func.func @a8(%x: tensor<1x32xf32>) -> tensor<1x32x!nn.a8> {
  %y = nn.quantize %x : tensor<1x32xf32> -> tensor<1x32x!nn.a8>
  return %y : tensor<1x32x!nn.a8>
}

// Two planes have steps of 1/256.
// A16: output0=1x32xf32=127,1,0.3984375,0.5,-0.5,-126.60156,0
func.func @a16(%x: tensor<1x32xf32>) -> tensor<1x32x!nn.a16> {
  %y = nn.quantize %x : tensor<1x32xf32> -> tensor<1x32x!nn.a16>
  return %y : tensor<1x32x!nn.a16>
}

// Ties go to the even neighbour, and what is too large becomes infinite.
// CONVERT: output0=4xf32=1,0.099975586,inf,1
func.func @convert(%x: tensor<4xf32>) -> tensor<4xf16> {
  %y = nn.convert %x : tensor<4xf32> to tensor<4xf16>
  return %y : tensor<4xf16>
}
