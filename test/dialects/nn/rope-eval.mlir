// RUN: tenon-interp %s --entry=table --input=input0=2xi32=7,7 --input=input1=1xi64=3 --input=input2=2xf32=0,1 | FileCheck %s --check-prefix=TABLE
// RUN: tenon-interp %s --entry=scaled --input=input0=1xi32=7 --input=input1=1xi64=3 --input=input2=2xf32=0,1 | FileCheck %s --check-prefix=SCALED
// RUN: tenon-interp %s --entry=interleaved --input=input0=1x1x5xf32=1,2,3,4,5 --input=input1=1x4xf32=0,1,1,0 | FileCheck %s --check-prefix=INTERLEAVED
// RUN: tenon-interp %s --entry=half --input=input0=1x1x5xf32=1,2,3,4,5 --input=input1=1x4xf32=0,1,1,0 | FileCheck %s --check-prefix=HALF

// Rows are cosines and sines of the positions 3 and 4; the tokens themselves do not matter.
// TABLE: output0=2x4xf32=1,0,-0.989992{{[0-9]*}},0.14112,1,0,-0.653643{{[0-9]*}},-0.756802
func.func @table(%tokens: tensor<?xi32>, %start: index, %f: tensor<2xf32>) -> tensor<?x4xf32> {
  %t = nn.rope_table %tokens, %start, %f : tensor<?xi32>, index, tensor<2xf32> -> tensor<?x4xf32>
  return %t : tensor<?x4xf32>
}

// The row of position 3, doubled.
// SCALED: output0=1x4xf32=2,0,-1.97998{{[0-9]*}},0.28224
func.func @scaled(%tokens: tensor<?xi32>, %start: index, %f: tensor<2xf32>) -> tensor<?x4xf32> {
  %t = nn.rope_table %tokens, %start, %f {scale = 2.0 : f32} : tensor<?xi32>, index, tensor<2xf32> -> tensor<?x4xf32>
  return %t : tensor<?x4xf32>
}

// The first pair (1, 2) turns by a right angle, the second not at all, the last element is copied.
// INTERLEAVED: output0=1x1x5xf32=-2,1,3,4,5
func.func @interleaved(%x: tensor<?x1x5xf32>, %t: tensor<?x4xf32>) -> tensor<?x1x5xf32> {
  %y = nn.rope %x, %t : tensor<?x1x5xf32>, tensor<?x4xf32>
  return %y : tensor<?x1x5xf32>
}

// The first pair is (1, 3).
// HALF: output0=1x1x5xf32=-3,2,1,4,5
func.func @half(%x: tensor<?x1x5xf32>, %t: tensor<?x4xf32>) -> tensor<?x1x5xf32> {
  %y = nn.rope %x, %t {pairing = #nn.pairing<half>} : tensor<?x1x5xf32>, tensor<?x4xf32>
  return %y : tensor<?x1x5xf32>
}
