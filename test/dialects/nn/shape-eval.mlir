// RUN: tenon-interp %s --entry=reshape --input=input0=3x4xf32=1,2,3,4,5,6,7,8,9,10,11,12 | FileCheck %s --check-prefix=RESHAPE
// RUN: tenon-interp %s --entry=transpose --input=input0=1x2x3xf32=1,2,3,4,5,6 | FileCheck %s --check-prefix=TRANSPOSE
// RUN: tenon-interp %s --entry=concat --input=input0=2x1xf32=1,2 --input=input1=2x2xf32=3,4,5,6 | FileCheck %s --check-prefix=CONCAT
// RUN: tenon-interp %s --entry=last --input=input0=3x2xf32=1,2,3,4,5,6 | FileCheck %s --check-prefix=LAST
// RUN: not tenon-interp %s --entry=last --input=input0=0x2xf32= 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: tenon-interp %s --entry=gather --input=input0=3x2xf32=1,2,3,4,5,6 --input=input1=2x1xi32=2,0 | FileCheck %s --check-prefix=GATHER
// RUN: not tenon-interp %s --entry=gather --input=input0=3x2xf32=1 --input=input1=2x1xi32=0,3 2>&1 | FileCheck %s --check-prefix=OUTSIDE

// The dynamic dimension is what is left.
// RESHAPE: output0=6x2xf32=1,2,3,4,5,6,7,8,9,10,11,12
func.func @reshape(%x: tensor<?x4xf32>) -> tensor<?x2xf32> {
  %y = nn.reshape %x : tensor<?x4xf32> to tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

// TRANSPOSE: output0=3x1x2xf32=1,4,2,5,3,6
func.func @transpose(%x: tensor<1x2x3xf32>) -> tensor<3x1x2xf32> {
  %y = nn.transpose %x permutation = [2, 0, 1] : tensor<1x2x3xf32> -> tensor<3x1x2xf32>
  return %y : tensor<3x1x2xf32>
}

// CONCAT: output0=2x3xf32=1,3,4,2,5,6
func.func @concat(%a: tensor<2x1xf32>, %b: tensor<2x2xf32>) -> tensor<2x3xf32> {
  %y = nn.concat %a, %b dim = 1 : tensor<2x1xf32>, tensor<2x2xf32> -> tensor<2x3xf32>
  return %y : tensor<2x3xf32>
}

// LAST: output0=1x2xf32=5,6
// NONE: expects a slice inside the dimension of 0, but got start -1 and size 1
func.func @last(%x: tensor<?x2xf32>) -> tensor<1x2xf32> {
  %y = nn.slice %x dim = 0 start = -1 size = 1 : tensor<?x2xf32> -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// GATHER: output0=2x1x2xf32=5,6,1,2
// OUTSIDE: expects indices of at least 0 and less than 3, but got 3
func.func @gather(%x: tensor<?x2xf32>, %i: tensor<2x1xi32>) -> tensor<2x1x2xf32> {
  %y = nn.gather %x, %i : tensor<?x2xf32>, tensor<2x1xi32> -> tensor<2x1x2xf32>
  return %y : tensor<2x1x2xf32>
}
