// RUN: tenon-opt %s --split-input-file --verify-diagnostics

func.func @lower_triangle_c1(%x: tensor<8xf32>) {
  // expected-error @below {{expects the input to have rank at least 2, but got rank 1}}
  %y = nn.lower_triangle %x diagonal = 0 {fill = 0.0 : f32} : tensor<8xf32>
  return
}

// -----

func.func @triangular_solve_c1(%m: tensor<4x4xf16>, %r: tensor<4x8xf32>) {
  // expected-error @below {{expects operands of one element type, but got 'f16' and 'f32'}}
  %x = nn.triangular_solve %m, %r : tensor<4x4xf16>, tensor<4x8xf32>
  return
}

// -----

func.func @triangular_solve_c2(%m: tensor<4x5xf32>, %r: tensor<4x8xf32>) {
  // expected-error @below {{expects the matrix shape [4, 4], but got [4, 5]}}
  %x = nn.triangular_solve %m, %r : tensor<4x5xf32>, tensor<4x8xf32>
  return
}
