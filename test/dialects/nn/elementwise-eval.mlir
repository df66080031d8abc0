// The right operand is repeated for each row.
// RUN: tenon-interp %s --entry=add --input=input0=2x2xf32=1,-2,3,4 --input=input1=2xf32=2,-4 | FileCheck %s --check-prefix=ADD
// RUN: tenon-interp %s --entry=sub --input=input0=2x2xf32=1,-2,3,4 --input=input1=2xf32=2,-4 | FileCheck %s --check-prefix=SUB
// RUN: tenon-interp %s --entry=mul --input=input0=2x2xf32=1,-2,3,4 --input=input1=2xf32=2,-4 | FileCheck %s --check-prefix=MUL
// RUN: tenon-interp %s --entry=div --input=input0=2x2xf32=1,-2,3,4 --input=input1=2xf32=2,-4 | FileCheck %s --check-prefix=DIV
// RUN: tenon-interp %s --entry=max --input=input0=2x2xf32=1,-2,3,4 --input=input1=2xf32=2,-4 | FileCheck %s --check-prefix=MAX
// RUN: tenon-interp %s --entry=min --input=input0=2x2xf32=1,-2,3,4 --input=input1=2xf32=2,-4 | FileCheck %s --check-prefix=MIN

// ADD: output0=2x2xf32=3,-6,5,0
func.func @add(%a: tensor<2x2xf32>, %b: tensor<2xf32>) -> tensor<2x2xf32> {
  %c = nn.add %a, %b : tensor<2x2xf32>, tensor<2xf32>
  return %c : tensor<2x2xf32>
}

// SUB: output0=2x2xf32=-1,2,1,8
func.func @sub(%a: tensor<2x2xf32>, %b: tensor<2xf32>) -> tensor<2x2xf32> {
  %c = nn.sub %a, %b : tensor<2x2xf32>, tensor<2xf32>
  return %c : tensor<2x2xf32>
}

// MUL: output0=2x2xf32=2,8,6,-16
func.func @mul(%a: tensor<2x2xf32>, %b: tensor<2xf32>) -> tensor<2x2xf32> {
  %c = nn.mul %a, %b : tensor<2x2xf32>, tensor<2xf32>
  return %c : tensor<2x2xf32>
}

// DIV: output0=2x2xf32=0.5,0.5,1.5,-1
func.func @div(%a: tensor<2x2xf32>, %b: tensor<2xf32>) -> tensor<2x2xf32> {
  %c = nn.div %a, %b : tensor<2x2xf32>, tensor<2xf32>
  return %c : tensor<2x2xf32>
}

// MAX: output0=2x2xf32=2,-2,3,4
func.func @max(%a: tensor<2x2xf32>, %b: tensor<2xf32>) -> tensor<2x2xf32> {
  %c = nn.max %a, %b : tensor<2x2xf32>, tensor<2xf32>
  return %c : tensor<2x2xf32>
}

// MIN: output0=2x2xf32=1,-4,2,-4
func.func @min(%a: tensor<2x2xf32>, %b: tensor<2xf32>) -> tensor<2x2xf32> {
  %c = nn.min %a, %b : tensor<2x2xf32>, tensor<2xf32>
  return %c : tensor<2x2xf32>
}
