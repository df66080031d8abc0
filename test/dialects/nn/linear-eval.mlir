// RUN: tenon-interp %s --entry=embedding --input=input0=3xi32=2,0,2 --input=input1=3x2xf32=1,2,3,4,5,6 | FileCheck %s --check-prefix=EMBEDDING
// RUN: not tenon-interp %s --entry=embedding --input=input0=1xi32=3 --input=input1=3x2xf32=0 2>&1 | FileCheck %s --check-prefix=OUTSIDE
// RUN: tenon-interp %s --entry=linear --input=input0=2x3xf32=1,2,3,4,5,6 --input=input1=2x3xf32=1,0,0,1,1,1 --input=input2=2xf32=0.5,-1 | FileCheck %s --check-prefix=LINEAR
// RUN: tenon-interp %s --entry=linear --input=input0=0x3xf32= --input=input1=2x3xf32=1 --input=input2=2xf32=1 | FileCheck %s --check-prefix=EMPTY
// RUN: tenon-interp %s --entry=head_linear --input=input0=2x2x2xf32=1,2,3,4,5,6,7,8 --input=input1=2x1x2xf32=1,10,100,1000 | FileCheck %s --check-prefix=HEADS
// RUN: tenon-interp %s --entry=head_transposed --input=input0=1x2x2xf32=1,2,3,4 --input=input1=2x2x1xf32=1,10,100,1000 | FileCheck %s --check-prefix=TRANSPOSED
// RUN: tenon-interp %s --entry=matmul --input=input0=2x1x2xf32=1,2,3,4 --input=input1=2x2x2xf32=1,2,3,4,5,6,7,8 | FileCheck %s --check-prefix=MATMUL

// EMBEDDING: output0=3x2xf32=5,6,1,2,5,6
// OUTSIDE: expects tokens of at least 0 and less than 3, but got 3
func.func @embedding(%tokens: tensor<?xi32>, %table: tensor<3x2xf32>) -> tensor<?x2xf32> {
  %x = nn.embedding %tokens, %table : tensor<?xi32>, tensor<3x2xf32> -> tensor<?x2xf32>
  return %x : tensor<?x2xf32>
}

// LINEAR: output0=2x2xf32=1.5,5,4.5,14
// EMPTY: output0=0x2xf32={{$}}
func.func @linear(%x: tensor<?x3xf32>, %w: tensor<2x3xf32>, %b: tensor<2xf32>) -> tensor<?x2xf32> {
  %y = nn.linear %x, %w, bias %b : tensor<?x3xf32>, tensor<2x3xf32>, tensor<2xf32> -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

// MATMUL: output0=2x1x2xf32=7,10,43,50
func.func @matmul(%a: tensor<2x1x2xf32>, %b: tensor<2x2x2xf32>) -> tensor<2x1x2xf32> {
  %c = nn.matmul %a, %b : tensor<2x1x2xf32>, tensor<2x2x2xf32> -> tensor<2x1x2xf32>
  return %c : tensor<2x1x2xf32>
}

// Each head meets its own matrix.
// HEADS: output0=2x2x1xf32=21,4300,65,8700
func.func @head_linear(%x: tensor<?x2x2xf32>, %w: tensor<2x1x2xf32>) -> tensor<?x2x1xf32> {
  %y = nn.head_linear %x, %w : tensor<?x2x2xf32>, tensor<2x1x2xf32> -> tensor<?x2x1xf32>
  return %y : tensor<?x2x1xf32>
}

// TRANSPOSED: output0=1x2x1xf32=21,4300
func.func @head_transposed(%x: tensor<?x2x2xf32>, %w: tensor<2x2x1xf32>) -> tensor<?x2x1xf32> {
  %y = nn.head_linear %x, %w {transposed} : tensor<?x2x2xf32>, tensor<2x2x1xf32> -> tensor<?x2x1xf32>
  return %y : tensor<?x2x1xf32>
}
