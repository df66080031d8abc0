// RUN: tenon-interp %s --entry=greedy --input=input0=2x3xf32=1,3,3,2,0,1 | FileCheck %s --check-prefix=GREEDY
// RUN: tenon-interp %s --entry=plain --input=input0=4x2xf32=0,0,0,0,0,0,0,-1000 --input=input1=4xf32=0,0.49,0.5,0.99 | FileCheck %s --check-prefix=PLAIN
// RUN: tenon-interp %s --entry=filtered --input=input0=3x4xf32=0,3,2,1,0,3,2,1,0,3,2,1 --input=input1=3xf32=0,0.6,0.99 | FileCheck %s --check-prefix=FILTERED
// RUN: tenon-interp %s --entry=frozen --input=input0=1x3xf32=1,2,2 --input=input1=1xf32=0.9 | FileCheck %s --check-prefix=FROZEN
// RUN: not tenon-interp %s --entry=greedy --input=input0=1x3xf32=1,nan,2 2>&1 | FileCheck %s --check-prefix=NAN

// Of equal logits the lowest index wins.
// GREEDY: output0=2xi32=1,0
// NAN: expects at least one logit, and all of them to be numbers
func.func @greedy(%l: tensor<?x3xf32>) -> tensor<?xi32> {
  %t = decode.greedy %l : tensor<?x3xf32> -> tensor<?xi32>
  return %t : tensor<?xi32>
}

// Two equal candidates split the unit interval in halves.
// PLAIN: output0=4xi32=0,0,1,0
func.func @plain(%l: tensor<?x2xf32>, %u: tensor<?xf32>) -> tensor<?xi32> {
  %t = decode.sample %l, %u : tensor<?x2xf32>, tensor<?xf32> -> tensor<?xi32>
  return %t : tensor<?xi32>
}

// Three candidates stay by top_k, and of those only two reach 0.9 of the sum: tokens 1 and 2.
// FILTERED: output0=3xi32=1,1,2
func.func @filtered(%l: tensor<?x4xf32>, %u: tensor<?xf32>) -> tensor<?xi32> {
  %t = decode.sample %l, %u {top_k = 3 : i64, top_p = 0.9 : f32, min_p = 0.1 : f32} : tensor<?x4xf32>, tensor<?xf32> -> tensor<?xi32>
  return %t : tensor<?xi32>
}

// At temperature 0 nothing is drawn.
// FROZEN: output0=1xi32=1
func.func @frozen(%l: tensor<?x3xf32>, %u: tensor<?xf32>) -> tensor<?xi32> {
  %t = decode.sample %l, %u {temperature = 0.0 : f32} : tensor<?x3xf32>, tensor<?xf32> -> tensor<?xi32>
  return %t : tensor<?xi32>
}
