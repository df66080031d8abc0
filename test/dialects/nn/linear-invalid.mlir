// RUN: tenon-opt %s --split-input-file --verify-diagnostics

func.func @embedding_c1(%t: tensor<?xi32>, %w: tensor<256xf32>) {
  // expected-error @below {{expects a rank-2 table, but got rank 1}}
  %x = nn.embedding %t, %w : tensor<?xi32>, tensor<256xf32> -> tensor<?x64xf32>
  return
}

// -----

func.func @embedding_c2(%t: tensor<?xi32>, %w: tensor<256x64xf32>) {
  // expected-error @below {{expects the result shape [?, 64], but got [?, 32]}}
  %x = nn.embedding %t, %w : tensor<?xi32>, tensor<256x64xf32> -> tensor<?x32xf32>
  return
}

// -----

func.func @linear_c1(%x: tensor<?x64xf32>, %w: tensor<32x64x1xf32>) {
  // expected-error @below {{expects a rank-2 weight, but got rank 3}}
  %y = nn.linear %x, %w : tensor<?x64xf32>, tensor<32x64x1xf32> -> tensor<?x32xf32>
  return
}

// -----

func.func @linear_c2(%x: tensor<?x48xf32>, %w: tensor<32x64xf32>) {
  // expected-error @below {{expects the last input dimension to be the weight's input size 64, but got 48}}
  %y = nn.linear %x, %w : tensor<?x48xf32>, tensor<32x64xf32> -> tensor<?x32xf32>
  return
}

// -----

func.func @linear_c3(%x: tensor<?x64xf32>, %w: tensor<32x64xf32>) {
  // expected-error @below {{expects the result shape [?, 32], but got [?, 64]}}
  %y = nn.linear %x, %w : tensor<?x64xf32>, tensor<32x64xf32> -> tensor<?x64xf32>
  return
}

// -----

func.func @linear_c4(%x: tensor<?x64xf32>, %w: tensor<32x64xf32>, %b: tensor<64xf32>) {
  // expected-error @below {{expects the bias shape [32], but got [64]}}
  %y = nn.linear %x, %w, bias %b : tensor<?x64xf32>, tensor<32x64xf32>, tensor<64xf32> -> tensor<?x32xf32>
  return
}

// -----

func.func @matmul_c1(%a: tensor<4x8xf32>, %b: tensor<2x8x4xf32>) {
  // expected-error @below {{expects operands of the same rank, but got 2 and 3}}
  %c = nn.matmul %a, %b : tensor<4x8xf32>, tensor<2x8x4xf32> -> tensor<4x4xf32>
  return
}

// -----

func.func @matmul_c2(%a: tensor<3x4x8xf32>, %b: tensor<2x8x4xf32>) {
  // expected-error @below {{expects equal leading dimensions, but got [3, 4, 8] and [2, 8, 4]}}
  %c = nn.matmul %a, %b : tensor<3x4x8xf32>, tensor<2x8x4xf32> -> tensor<3x4x4xf32>
  return
}

// -----

func.func @matmul_c3(%a: tensor<4x8xf32>, %b: tensor<7x4xf32>) {
  // expected-error @below {{expects 8 rows of the right operand, but got 7}}
  %c = nn.matmul %a, %b : tensor<4x8xf32>, tensor<7x4xf32> -> tensor<4x4xf32>
  return
}

// -----

func.func @matmul_c4(%a: tensor<4x8xf32>, %b: tensor<8x5xf32>) {
  // expected-error @below {{expects the result shape [4, 5], but got [4, 4]}}
  %c = nn.matmul %a, %b : tensor<4x8xf32>, tensor<8x5xf32> -> tensor<4x4xf32>
  return
}

// -----

func.func @head_linear_c1(%x: tensor<?x2x8xf32>, %w: tensor<4x8xf32>) {
  // expected-error @below {{expects a rank-3 weight, but got rank 2}}
  %y = nn.head_linear %x, %w : tensor<?x2x8xf32>, tensor<4x8xf32> -> tensor<?x2x4xf32>
  return
}

// -----

func.func @head_linear_c2(%x: tensor<?x2x8xf32>, %w: tensor<3x4x8xf32>) {
  // expected-error @below {{expects 3 heads of 8 elements, but got 2 of 8}}
  %y = nn.head_linear %x, %w : tensor<?x2x8xf32>, tensor<3x4x8xf32> -> tensor<?x2x4xf32>
  return
}

// -----

func.func @head_linear_c3(%x: tensor<?x2x8xf32>, %w: tensor<2x4x8xf32>) {
  // expected-error @below {{expects the result shape [?, 2, 4], but got [?, 2, 8]}}
  %y = nn.head_linear %x, %w : tensor<?x2x8xf32>, tensor<2x4x8xf32> -> tensor<?x2x8xf32>
  return
}
