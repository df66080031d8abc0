// RUN: tenon-interp %s --entry=lower --input=input0=3x3xf32=1,2,3,4,5,6,7,8,9 | FileCheck %s --check-prefix=LOWER
// RUN: tenon-interp %s --entry=below --input=input0=2x2x2xf32=1,2,3,4,5,6,7,8 | FileCheck %s --check-prefix=BELOW
// RUN: tenon-interp %s --entry=solve --input=input0=3x3xf32=9,9,9,2,9,9,3,4,9 --input=input1=3x1xf32=1,2,3 | FileCheck %s --check-prefix=SOLVE

// LOWER: output0=3x3xf32=1,-1,-1,4,5,-1,7,8,9
func.func @lower(%x: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %y = nn.lower_triangle %x diagonal = 0 {fill = -1.0 : f32} : tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

// BELOW: output0=2x2x2xf32=0,0,0,0,5,6,0,0
func.func @below(%x: tensor<2x2x2xf32>) -> tensor<2x2x2xf32> {
  %y = nn.lower_triangle %x diagonal = -1 {fill = 0.0 : f32} : tensor<2x2x2xf32>
  return %y : tensor<2x2x2xf32>
}

// x0 = 1, x1 = 2 - 2, x2 = 3 - 3 - 0; what is not below the diagonal is not read.
// SOLVE: output0=3x1xf32=1,0,0
func.func @solve(%m: tensor<3x3xf32>, %r: tensor<3x1xf32>) -> tensor<3x1xf32> {
  %x = nn.triangular_solve %m, %r : tensor<3x3xf32>, tensor<3x1xf32>
  return %x : tensor<3x1xf32>
}
