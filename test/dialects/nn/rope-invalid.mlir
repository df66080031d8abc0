// RUN: tenon-opt %s --split-input-file --verify-diagnostics

func.func @rope_table_c1(%tokens: tensor<?xi32>, %start: index, %f: tensor<1x32xf32>) {
  // expected-error @below {{expects a rank-1 frequencies operand, but got rank 2}}
  %table = nn.rope_table %tokens, %start, %f : tensor<?xi32>, index, tensor<1x32xf32> -> tensor<?x64xf32>
  return
}

// -----

func.func @rope_table_c2(%tokens: tensor<?xi32>, %start: index, %f: tensor<32xf32>) {
  // expected-error @below {{expects the result shape [?, 64], but got [?, 32]}}
  %table = nn.rope_table %tokens, %start, %f : tensor<?xi32>, index, tensor<32xf32> -> tensor<?x32xf32>
  return
}

// -----

func.func @rope_table_c3(%tokens: tensor<?xi32>, %start: index, %f: tensor<32xf32>) {
  // expected-error @below {{expects a finite scale above 0, but got 0}}
  %table = nn.rope_table %tokens, %start, %f {scale = 0.0 : f32} : tensor<?xi32>, index, tensor<32xf32> -> tensor<?x64xf32>
  return
}

// -----

func.func @rope_c1(%x: tensor<?x576xf32>, %table: tensor<?x64xf32>) {
  // expected-error @below {{expects a rank-3 input, but got rank 2}}
  %y = nn.rope %x, %table : tensor<?x576xf32>, tensor<?x64xf32>
  return
}

// -----

func.func @rope_c2(%x: tensor<4x9x64xf32>, %table: tensor<5x64xf32>) {
  // expected-error @below {{expects a row of the table for each of the 4 tokens, but got 5}}
  %y = nn.rope %x, %table : tensor<4x9x64xf32>, tensor<5x64xf32>
  return
}

// -----

func.func @rope_c3(%x: tensor<4x9x64xf32>, %table: tensor<4x66xf32>) {
  // expected-error @below {{expects an even row size of the table of at most 64, but got 66}}
  %y = nn.rope %x, %table : tensor<4x9x64xf32>, tensor<4x66xf32>
  return
}
