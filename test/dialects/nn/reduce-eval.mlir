// RUN: tenon-interp %s --entry=sum --input=input0=2x3xf32=1,2,3,4,5,9 | FileCheck %s --check-prefix=SUM
// RUN: tenon-interp %s --entry=mean --input=input0=2x3xf32=1,2,3,4,5,9 | FileCheck %s --check-prefix=MEAN
// RUN: tenon-interp %s --entry=extremes --input=input0=2x3xf32=1,2,3,4,5,-9 | FileCheck %s --check-prefix=EXTREMES
// RUN: tenon-interp %s --entry=extremes --input=input0=0x3xf32= | FileCheck %s --check-prefix=EMPTY

// SUM: output0=3xf32=5,7,12
func.func @sum(%x: tensor<?x3xf32>) -> tensor<3xf32> {
  %y = nn.reduce sum %x dim = 0 : tensor<?x3xf32> -> tensor<3xf32>
  return %y : tensor<3xf32>
}

// MEAN: output0=2xf32=2,6
func.func @mean(%x: tensor<?x3xf32>) -> tensor<?xf32> {
  %y = nn.reduce mean %x dim = 1 : tensor<?x3xf32> -> tensor<?xf32>
  return %y : tensor<?xf32>
}

// Over nothing the largest value is -inf and the smallest +inf.
// EXTREMES: output0=3xf32=4,5,3
// EXTREMES: output1=3xf32=1,2,-9
// EMPTY: output0=3xf32=-inf,-inf,-inf
// EMPTY: output1=3xf32=inf,inf,inf
func.func @extremes(%x: tensor<?x3xf32>) -> (tensor<3xf32>, tensor<3xf32>) {
  %y = nn.reduce max %x dim = 0 : tensor<?x3xf32> -> tensor<3xf32>
  %z = nn.reduce min %x dim = 0 : tensor<?x3xf32> -> tensor<3xf32>
  return %y, %z : tensor<3xf32>, tensor<3xf32>
}
