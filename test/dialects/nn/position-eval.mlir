// RUN: tenon-interp %s --entry=embedding --input=input0=2xi32=9,9 --input=input1=5x2xf32=0,1,2,3,4,5,6,7,8,9 --input=input2=1xi64=1 | FileCheck %s --check-prefix=EMBEDDING
// RUN: not tenon-interp %s --entry=embedding --input=input0=2xi32=9,9 --input=input1=5x2xf32=0 --input=input2=1xi64=3 2>&1 | FileCheck %s --check-prefix=BEYOND
// RUN: tenon-interp %s --entry=scale --input=input0=3x2xf32=1,2,1,2,1,2 --input=input1=1xi64=2 | FileCheck %s --check-prefix=SCALE

// Two tokens from position 1 on, with an offset of 1: the rows 2 and 3.
// EMBEDDING: output0=2x2xf32=4,5,6,7
// BEYOND: expects rows below 5, but got positions up to row 5
func.func @embedding(%tokens: tensor<?xi32>, %table: tensor<5x2xf32>, %start: index) -> tensor<?x2xf32> {
  %p = nn.position_embedding %tokens, %table start(%start) {offset = 1} : tensor<?xi32>, tensor<5x2xf32> -> tensor<?x2xf32>
  return %p : tensor<?x2xf32>
}

// Positions 2, 3 and 4 with an interval of 4: the factor is 1 at first and 1 + ln 2 from position 3 on.
// SCALE: output0=3x2xf32=1,2,1.69314{{[0-9]*}},3.38629{{[0-9]*}},1.69314{{[0-9]*}},3.38629
func.func @scale(%x: tensor<?x2xf32>, %start: index) -> tensor<?x2xf32> {
  %y = nn.position_scale %x, %start {scale = 1.0 : f32, interval = 4} : tensor<?x2xf32>, index
  return %y : tensor<?x2xf32>
}
