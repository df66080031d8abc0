// RUN: tenon-interp %s --entry=softmax --input=input0=1x8xf32=0.5,-1,2,0.25,1.5,-0.5,1.75,3 | FileCheck %s --check-prefix=SOFTMAX
// RUN: tenon-interp %s --entry=scaled --input=input0=1x8xf32=0.5,-1,2,0.25,1.5,-0.5,1.75,3 | FileCheck %s --check-prefix=SCALED
// RUN: tenon-interp %s --entry=selected --input=input0=1x8xf32=0.5,-1,2,0.25,1.5,-0.5,1.75,3 | FileCheck %s --check-prefix=SELECTED
// RUN: tenon-interp %s --entry=biased --input=input0=1x8xf32=0.5,-1,2,0.25,1.5,-0.5,1.75,3 --input=input1=8xf32=0,1,0,0,-1,0.5,0,-2 | FileCheck %s --check-prefix=BIASED
// RUN: tenon-interp %s --entry=top2 --input=input0=1x8xf32=0.5,-1,2,0.25,1.5,-0.5,1.75,3 --input=input1=8xf32=0,1,0,0,-1,0.5,0,-2 | FileCheck %s --check-prefix=TOP2
// RUN: tenon-interp %s --entry=limited --input=input0=1x8xf32=0.5,-1,2,0.25,1.5,-0.5,1.75,3 | FileCheck %s --check-prefix=LIMITED
// RUN: tenon-interp %s --entry=ties --input=input0=1x4xf32=1,2,2,1 | FileCheck %s --check-prefix=TIES
// RUN: tenon-interp %s --entry=ties --input=input0=2x4xf32=nan,2,2,1,0,0,0,0 | FileCheck %s --check-prefix=NAN
// RUN: tenon-interp %s --entry=ties --input=input0=0x4xf32= | FileCheck %s --check-prefix=EMPTY

// A logit that is not a number gives the token weights that are none, and no other token; no tokens have no experts.
// NAN: output0=2x3x1xf32=0,1,2,0,1,2
// NAN: output1=2x3x1xf32=nan,nan,nan,0.25,0.25,0.25
// EMPTY: output0=0x3x1xf32={{$}}

// Softmax over all experts, the chosen weights' sum made 1.
// SOFTMAX: output0=1x2x1xf32=7,2
// SOFTMAX: output1=1x2x1xf32=0.7310{{[0-9]*}},0.2689{{[0-9]*}}
func.func @softmax(%l: tensor<?x8xf32>) -> (tensor<?x2x1xf32>, tensor<?x2x1xf32>) {
  %r = moe.route %l {renormalise} : tensor<?x8xf32> -> !moe.routing<experts = 8, used = 2>
  %i, %w = call @show_8_2(%l, %r) : (tensor<?x8xf32>, !moe.routing<experts = 8, used = 2>) -> (tensor<?x2x1xf32>, tensor<?x2x1xf32>)
  return %i, %w : tensor<?x2x1xf32>, tensor<?x2x1xf32>
}

// Without renormalisation the weights keep what the other experts have.
// SCALED: output0=1x3x1xf32=7,2,6
// SCALED: output1=1x3x1xf32=0.9652{{[0-9]*}},0.3550{{[0-9]*}},0.2765{{[0-9]*}}
func.func @scaled(%l: tensor<?x8xf32>) -> (tensor<?x3x1xf32>, tensor<?x3x1xf32>) {
  %r = moe.route %l {scale = 2.0 : f32} : tensor<?x8xf32> -> !moe.routing<experts = 8, used = 3>
  %i, %w = call @show_8_3(%l, %r) : (tensor<?x8xf32>, !moe.routing<experts = 8, used = 3>) -> (tensor<?x3x1xf32>, tensor<?x3x1xf32>)
  return %i, %w : tensor<?x3x1xf32>, tensor<?x3x1xf32>
}

// Softmax over the chosen experts only.
// SELECTED: output0=1x2x1xf32=7,2
// SELECTED: output1=1x2x1xf32=0.7310{{[0-9]*}},0.2689{{[0-9]*}}
func.func @selected(%l: tensor<?x8xf32>) -> (tensor<?x2x1xf32>, tensor<?x2x1xf32>) {
  %r = moe.route %l {score = #moe.score<softmax_selected>} : tensor<?x8xf32> -> !moe.routing<experts = 8, used = 2>
  %i, %w = call @show_8_2(%l, %r) : (tensor<?x8xf32>, !moe.routing<experts = 8, used = 2>) -> (tensor<?x2x1xf32>, tensor<?x2x1xf32>)
  return %i, %w : tensor<?x2x1xf32>, tensor<?x2x1xf32>
}

// The bias counts in the choice, not in the weights.
// BIASED: output0=1x3x1xf32=1,2,5
// BIASED: output1=1x3x1xf32=0.4402{{[0-9]*}},1.4417{{[0-9]*}},0.6179{{[0-9]*}}
func.func @biased(%l: tensor<?x8xf32>, %b: tensor<8xf32>) -> (tensor<?x3x1xf32>, tensor<?x3x1xf32>) {
  %r = moe.route %l, bias %b {score = #moe.score<sigmoid>, renormalise, scale = 2.5 : f32} : tensor<?x8xf32>, tensor<8xf32> -> !moe.routing<experts = 8, used = 3>
  %i, %w = call @show_8_3(%l, %r) : (tensor<?x8xf32>, !moe.routing<experts = 8, used = 3>) -> (tensor<?x3x1xf32>, tensor<?x3x1xf32>)
  return %i, %w : tensor<?x3x1xf32>, tensor<?x3x1xf32>
}

// Expert 5 would come next, but its group is worth less than those of experts 0 to 3.
// TOP2: output0=1x3x1xf32=1,2,0
// TOP2: output1=1x3x1xf32=0.3793{{[0-9]*}},1.2425{{[0-9]*}},0.8780{{[0-9]*}}
func.func @top2(%l: tensor<?x8xf32>, %b: tensor<8xf32>) -> (tensor<?x3x1xf32>, tensor<?x3x1xf32>) {
  %r = moe.route %l, bias %b {score = #moe.score<sigmoid>, renormalise, scale = 2.5 : f32, groups = 4 : i64, groups_used = 2 : i64, group_score = #moe.group_score<top2>} : tensor<?x8xf32>, tensor<8xf32> -> !moe.routing<experts = 8, used = 3>
  %i, %w = call @show_8_3(%l, %r) : (tensor<?x8xf32>, !moe.routing<experts = 8, used = 3>) -> (tensor<?x3x1xf32>, tensor<?x3x1xf32>)
  return %i, %w : tensor<?x3x1xf32>, tensor<?x3x1xf32>
}

// Groups by their best expert: 7 and 2 bring 6 and 3, and 4 stays out.
// LIMITED: output0=1x3x1xf32=7,2,6
// LIMITED: output1=1x3x1xf32=0.4826{{[0-9]*}},0.1775{{[0-9]*}},0.1382{{[0-9]*}}
func.func @limited(%l: tensor<?x8xf32>) -> (tensor<?x3x1xf32>, tensor<?x3x1xf32>) {
  %r = moe.route %l {groups = 4 : i64, groups_used = 2 : i64} : tensor<?x8xf32> -> !moe.routing<experts = 8, used = 3>
  %i, %w = call @show_8_3(%l, %r) : (tensor<?x8xf32>, !moe.routing<experts = 8, used = 3>) -> (tensor<?x3x1xf32>, tensor<?x3x1xf32>)
  return %i, %w : tensor<?x3x1xf32>, tensor<?x3x1xf32>
}

// Of equals the lowest index.
// TIES: output0=1x3x1xf32=1,2,0
// TIES: output1=1x3x1xf32=0.3655{{[0-9]*}},0.3655{{[0-9]*}},0.1344{{[0-9]*}}
func.func @ties(%l: tensor<?x4xf32>) -> (tensor<?x3x1xf32>, tensor<?x3x1xf32>) {
  %r = moe.route %l : tensor<?x4xf32> -> !moe.routing<experts = 4, used = 3>
  %i, %w = call @show_4_3(%l, %r) : (tensor<?x4xf32>, !moe.routing<experts = 4, used = 3>) -> (tensor<?x3x1xf32>, tensor<?x3x1xf32>)
  return %i, %w : tensor<?x3x1xf32>, tensor<?x3x1xf32>
}

// The experts of each token, by matrices that are the experts' numbers, and their weights.
func.func private @show_4_3(%l: tensor<?x4xf32>, %r: !moe.routing<experts = 4, used = 3>) -> (tensor<?x3x1xf32>, tensor<?x3x1xf32>) {
  %x = nn.slice %l dim = 1 start = 1 size = 1 : tensor<?x4xf32> -> tensor<?x1xf32>
  %zero = nn.sub %x, %x : tensor<?x1xf32>, tensor<?x1xf32>
  %c = nn.constant dense<1.0> : tensor<1xf32>
  %one = nn.add %zero, %c : tensor<?x1xf32>, tensor<1xf32>
  %d = moe.dispatch %one, %r : tensor<?x1xf32>, !moe.routing<experts = 4, used = 3> -> tensor<?x3x1xf32>
  %e = nn.constant dense<[[[0.0]], [[1.0]], [[2.0]], [[3.0]]]> : tensor<4x1x1xf32>
  %i = moe.grouped_linear %d, %e, %r : tensor<?x3x1xf32>, tensor<4x1x1xf32>, !moe.routing<experts = 4, used = 3> -> tensor<?x3x1xf32>
  %w = moe.dispatch %one, %r {weighted} : tensor<?x1xf32>, !moe.routing<experts = 4, used = 3> -> tensor<?x3x1xf32>
  return %i, %w : tensor<?x3x1xf32>, tensor<?x3x1xf32>
}

func.func private @show_8_2(%l: tensor<?x8xf32>, %r: !moe.routing<experts = 8, used = 2>) -> (tensor<?x2x1xf32>, tensor<?x2x1xf32>) {
  %x = nn.slice %l dim = 1 start = 1 size = 1 : tensor<?x8xf32> -> tensor<?x1xf32>
  %zero = nn.sub %x, %x : tensor<?x1xf32>, tensor<?x1xf32>
  %c = nn.constant dense<1.0> : tensor<1xf32>
  %one = nn.add %zero, %c : tensor<?x1xf32>, tensor<1xf32>
  %d = moe.dispatch %one, %r : tensor<?x1xf32>, !moe.routing<experts = 8, used = 2> -> tensor<?x2x1xf32>
  %e = nn.constant dense<[[[0.0]], [[1.0]], [[2.0]], [[3.0]], [[4.0]], [[5.0]], [[6.0]], [[7.0]]]> : tensor<8x1x1xf32>
  %i = moe.grouped_linear %d, %e, %r : tensor<?x2x1xf32>, tensor<8x1x1xf32>, !moe.routing<experts = 8, used = 2> -> tensor<?x2x1xf32>
  %w = moe.dispatch %one, %r {weighted} : tensor<?x1xf32>, !moe.routing<experts = 8, used = 2> -> tensor<?x2x1xf32>
  return %i, %w : tensor<?x2x1xf32>, tensor<?x2x1xf32>
}

func.func private @show_8_3(%l: tensor<?x8xf32>, %r: !moe.routing<experts = 8, used = 3>) -> (tensor<?x3x1xf32>, tensor<?x3x1xf32>) {
  %x = nn.slice %l dim = 1 start = 1 size = 1 : tensor<?x8xf32> -> tensor<?x1xf32>
  %zero = nn.sub %x, %x : tensor<?x1xf32>, tensor<?x1xf32>
  %c = nn.constant dense<1.0> : tensor<1xf32>
  %one = nn.add %zero, %c : tensor<?x1xf32>, tensor<1xf32>
  %d = moe.dispatch %one, %r : tensor<?x1xf32>, !moe.routing<experts = 8, used = 3> -> tensor<?x3x1xf32>
  %e = nn.constant dense<[[[0.0]], [[1.0]], [[2.0]], [[3.0]], [[4.0]], [[5.0]], [[6.0]], [[7.0]]]> : tensor<8x1x1xf32>
  %i = moe.grouped_linear %d, %e, %r : tensor<?x3x1xf32>, tensor<8x1x1xf32>, !moe.routing<experts = 8, used = 3> -> tensor<?x3x1xf32>
  %w = moe.dispatch %one, %r {weighted} : tensor<?x1xf32>, !moe.routing<experts = 8, used = 3> -> tensor<?x3x1xf32>
  return %i, %w : tensor<?x3x1xf32>, tensor<?x3x1xf32>
}
