// RUN: tenon-interp %s --entry=middle --input=input0=2x2xf32=1,2,3,4 | FileCheck %s --check-prefix=MIDDLE
// RUN: tenon-interp %s --entry=last --input=input0=2xf32=1,2 | FileCheck %s --check-prefix=LAST
// RUN: tenon-interp %s --entry=rows --input=input0=2xf32=1,2 --input=input1=3x1xf32=0,0,0 | FileCheck %s --check-prefix=ROWS

// MIDDLE: output0=2x3x2xf32=1,2,1,2,1,2,3,4,3,4,3,4
func.func @middle(%x: tensor<?x2xf32>) -> tensor<?x3x2xf32> {
  %y = nn.broadcast %x dims = [0, 2] : tensor<?x2xf32> -> tensor<?x3x2xf32>
  return %y : tensor<?x3x2xf32>
}

// LAST: output0=2x3xf32=1,1,1,2,2,2
func.func @last(%x: tensor<2xf32>) -> tensor<2x3xf32> {
  %y = nn.broadcast %x dims = [0] : tensor<2xf32> -> tensor<2x3xf32>
  return %y : tensor<2x3xf32>
}

// ROWS: output0=3x2xf32=1,2,1,2,1,2
func.func @rows(%w: tensor<2xf32>, %x: tensor<?x1xf32>) -> tensor<?x2xf32> {
  %y = nn.broadcast %w dims = [1] rows %x : tensor<2xf32>, tensor<?x1xf32> -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}
