// RUN: tenon-opt %s --split-input-file --verify-diagnostics

func.func @broadcast_c1(%x: tensor<4x8xf32>) {
  // expected-error @below {{expects 2 ascending dimensions less than the result's rank 3, but got [2, 0]}}
  %y = nn.broadcast %x dims = [2, 0] : tensor<4x8xf32> -> tensor<8x2x4xf32>
  return
}

// -----

func.func @broadcast_c2(%x: tensor<4x8xf32>) {
  // expected-error @below {{expects the result shape [4, 2, 8], but got [4, 2, 4]}}
  %y = nn.broadcast %x dims = [0, 2] : tensor<4x8xf32> -> tensor<4x2x4xf32>
  return
}

// -----

func.func @broadcast_c3(%x: tensor<8xf32>) {
  // expected-error @below {{expects rows, whose number the new dimension 0 has, because it is dynamic}}
  %y = nn.broadcast %x dims = [1] : tensor<8xf32> -> tensor<?x8xf32>
  return
}
