// RUN: tenon-interp %s --entry=block --input=input0=3x2xf32=1,2,3,4,5,6 --input=input1=3x3xf32=0,1,-9,1,0,-9,-9,0,0 | FileCheck %s --check-prefix=BLOCK
// RUN: tenon-interp %s --entry=weighted --input=input0=2x2xf32=1,2,3,4 --input=input1=2x3xf32=0,0,0,5,5,5 | FileCheck %s --check-prefix=WEIGHTED

// Experts 0, 1 and 2 multiply by 1, 10 and 100 and add 0, 0.5 and 0. The tokens go to {1, 0}, {0, 1} and {1, 2}, each with weights of half of
// exp(1) : 1, or of 1 : 1.
// BLOCK: output0=3x2xf32=7.945056{{[0-9]*}},15.52458{{[0-9]*}},10.39588{{[0-9]*}},13.81636{{[0-9]*}},275.25,330.25
func.func @block(%x: tensor<?x2xf32>, %l: tensor<?x3xf32>) -> tensor<?x2xf32> {
  %r = moe.route %l {renormalise} : tensor<?x3xf32> -> !moe.routing<experts = 3, used = 2>
  %d = moe.dispatch %x, %r : tensor<?x2xf32>, !moe.routing<experts = 3, used = 2> -> tensor<?x2x2xf32>
  %w = nn.constant dense<[[[1.0, 0.0], [0.0, 1.0]], [[10.0, 0.0], [0.0, 10.0]], [[100.0, 0.0], [0.0, 100.0]]]> : tensor<3x2x2xf32>
  %b = nn.constant dense<[[0.0, 0.0], [0.5, 0.5], [0.0, 0.0]]> : tensor<3x2xf32>
  %y = moe.grouped_linear %d, %w, %r, bias %b
      : tensor<?x2x2xf32>, tensor<3x2x2xf32>, !moe.routing<experts = 3, used = 2>, tensor<3x2xf32> -> tensor<?x2x2xf32>
  %z = moe.combine %y, %r : tensor<?x2x2xf32>, !moe.routing<experts = 3, used = 2> -> tensor<?x2xf32>
  return %z : tensor<?x2xf32>
}

// The weight of a third is taken before the expert, and none after it.
// WEIGHTED: output0=2x2xf32=0.333333{{[0-9]*}},0.666666{{[0-9]*}},1,1.333333{{[0-9]*}}
func.func @weighted(%x: tensor<?x2xf32>, %l: tensor<?x3xf32>) -> tensor<?x2xf32> {
  %r = moe.route %l : tensor<?x3xf32> -> !moe.routing<experts = 3, used = 1>
  %d = moe.dispatch %x, %r {weighted} : tensor<?x2xf32>, !moe.routing<experts = 3, used = 1> -> tensor<?x1x2xf32>
  %z = moe.combine %d, %r {unweighted} : tensor<?x1x2xf32>, !moe.routing<experts = 3, used = 1> -> tensor<?x2xf32>
  return %z : tensor<?x2xf32>
}
