// RUN: tenon-opt %s --split-input-file --verify-diagnostics

func.func @dispatch_c1(%x: tensor<?x1x64xf32>, %r: !moe.routing<experts = 8, used = 2>) {
  // expected-error @below {{expects an input of rank 2}}
  %d = moe.dispatch %x, %r : tensor<?x1x64xf32>, !moe.routing<experts = 8, used = 2> -> tensor<?x2x64xf32>
  return
}

// -----

func.func @dispatch_c2(%x: tensor<?x64xf32>, %r: !moe.routing<experts = 8, used = 2>) {
  // expected-error @below {{expects a result of type 'tensor<?x2x64xf32>', but got 'tensor<?x3x64xf32>'}}
  %d = moe.dispatch %x, %r : tensor<?x64xf32>, !moe.routing<experts = 8, used = 2> -> tensor<?x3x64xf32>
  return
}

// -----

func.func @dispatch_c3(%x: tensor<?x64xf32>, %r: !moe.routing<experts = 8, used = 2>) {
  // expected-error @below {{expects a result of the input's elements, 'f32', but got 'f16'}}
  %d = moe.dispatch %x, %r : tensor<?x64xf32>, !moe.routing<experts = 8, used = 2> -> tensor<?x2x64xf16>
  return
}

// -----

func.func @dispatch_c4(%x: tensor<?x64x!nn.a8>, %r: !moe.routing<experts = 8, used = 2>) {
  // expected-error @below {{expects an input of floats to multiply by weights}}
  %d = moe.dispatch %x, %r {weighted} : tensor<?x64x!nn.a8>, !moe.routing<experts = 8, used = 2> -> tensor<?x2x64x!nn.a8>
  return
}

// -----

func.func @grouped_linear_c1(%x: tensor<?x2x64xf32>, %w: tensor<32x64xf32>, %r: !moe.routing<experts = 8, used = 2>) {
  // expected-error @below {{expects a weight of rank 3}}
  %y = moe.grouped_linear %x, %w, %r : tensor<?x2x64xf32>, tensor<32x64xf32>, !moe.routing<experts = 8, used = 2> -> tensor<?x2x32xf32>
  return
}

// -----

func.func @grouped_linear_c2(%x: tensor<?x2x64xf32>, %w: tensor<4x32x64xf32>, %r: !moe.routing<experts = 8, used = 2>) {
  // expected-error @below {{expects 2 rows a token and 8 matrices, but got 2 and 4}}
  %y = moe.grouped_linear %x, %w, %r : tensor<?x2x64xf32>, tensor<4x32x64xf32>, !moe.routing<experts = 8, used = 2> -> tensor<?x2x32xf32>
  return
}

// -----

func.func @grouped_linear_c3(%x: tensor<?x2x32xf32>, %w: tensor<8x32x64xf32>, %r: !moe.routing<experts = 8, used = 2>) {
  // expected-error @below {{expects rows of 64 elements, but got 32}}
  %y = moe.grouped_linear %x, %w, %r : tensor<?x2x32xf32>, tensor<8x32x64xf32>, !moe.routing<experts = 8, used = 2> -> tensor<?x2x32xf32>
  return
}

// -----

func.func @grouped_linear_c4(%x: tensor<?x2x64xf32>, %w: tensor<8x32x64xf32>, %r: !moe.routing<experts = 8, used = 2>) {
  // expected-error @below {{expects a result of type 'tensor<?x2x32xf32>', but got 'tensor<?x2x16xf32>'}}
  %y = moe.grouped_linear %x, %w, %r : tensor<?x2x64xf32>, tensor<8x32x64xf32>, !moe.routing<experts = 8, used = 2> -> tensor<?x2x16xf32>
  return
}

// -----

func.func @grouped_linear_c5(%x: tensor<?x2x64xf32>, %w: tensor<8x32x64xf32>, %b: tensor<32xf32>, %r: !moe.routing<experts = 8, used = 2>) {
  // expected-error @below {{expects a bias of rank 2}}
  %y = moe.grouped_linear %x, %w, %r, bias %b : tensor<?x2x64xf32>, tensor<8x32x64xf32>, !moe.routing<experts = 8, used = 2>, tensor<32xf32> -> tensor<?x2x32xf32>
  return
}

// -----

func.func @combine_c1(%x: tensor<?x64xf32>, %r: !moe.routing<experts = 8, used = 2>) {
  // expected-error @below {{expects an input of rank 3}}
  %z = moe.combine %x, %r : tensor<?x64xf32>, !moe.routing<experts = 8, used = 2> -> tensor<?x64xf32>
  return
}

// -----

func.func @combine_c2(%x: tensor<?x3x64xf32>, %r: !moe.routing<experts = 8, used = 2>) {
  // expected-error @below {{expects 2 rows a token, but got 3}}
  %z = moe.combine %x, %r : tensor<?x3x64xf32>, !moe.routing<experts = 8, used = 2> -> tensor<?x64xf32>
  return
}

// -----

func.func @combine_c3(%x: tensor<?x2x64xf32>, %r: !moe.routing<experts = 8, used = 2>) {
  // expected-error @below {{expects a result of type 'tensor<?x64xf32>', but got 'tensor<?x32xf32>'}}
  %z = moe.combine %x, %r : tensor<?x2x64xf32>, !moe.routing<experts = 8, used = 2> -> tensor<?x32xf32>
  return
}
