// RUN: tenon-opt %s --split-input-file --verify-diagnostics

// expected-error @below {{expects a positive number of experts and of experts used, but got 0 and 1}}
func.func private @routing_c1(!moe.routing<experts = 0, used = 1>)

// -----

// expected-error @below {{expects at most 2 experts used, but got 3}}
func.func private @routing_c2(!moe.routing<experts = 2, used = 3>)

// -----

func.func @route_c1(%l: tensor<?x1x8xf32>) {
  // expected-error @below {{expects logits of rank 2}}
  %r = moe.route %l : tensor<?x1x8xf32> -> !moe.routing<experts = 8, used = 2>
  return
}

// -----

func.func @route_c2(%l: tensor<?x4xf32>) {
  // expected-error @below {{expects logits of 8 experts}}
  %r = moe.route %l : tensor<?x4xf32> -> !moe.routing<experts = 8, used = 2>
  return
}

// -----

func.func @route_c3(%l: tensor<?x8xf32>, %b: tensor<4xf32>) {
  // expected-error @below {{expects a bias of 8 elements}}
  %r = moe.route %l, bias %b : tensor<?x8xf32>, tensor<4xf32> -> !moe.routing<experts = 8, used = 2>
  return
}

// -----

func.func @route_c4(%l: tensor<?x8xf32>) {
  // expected-error @below {{expects a number of groups that divides 8, but got 3}}
  %r = moe.route %l {groups = 3 : i64} : tensor<?x8xf32> -> !moe.routing<experts = 8, used = 2>
  return
}

// -----

func.func @route_c5(%l: tensor<?x8xf32>) {
  // expected-error @below {{expects at least 1 and at most 4 groups to stay, but got 5}}
  %r = moe.route %l {groups = 4 : i64, groups_used = 5 : i64} : tensor<?x8xf32> -> !moe.routing<experts = 8, used = 2>
  return
}

// -----

func.func @route_c6(%l: tensor<?x8xf32>) {
  // expected-error @below {{expects at least 2 experts in the groups that stay, but got 1}}
  %r = moe.route %l {groups = 8 : i64, groups_used = 1 : i64} : tensor<?x8xf32> -> !moe.routing<experts = 8, used = 2>
  return
}

// -----

func.func @route_c7(%l: tensor<?x8xf32>) {
  // expected-error @below {{expects groups of at least 2 experts for top2, but got groups of 1}}
  %r = moe.route %l {groups = 8 : i64, groups_used = 2 : i64, group_score = #moe.group_score<top2>} : tensor<?x8xf32> -> !moe.routing<experts = 8, used = 2>
  return
}
