// RUN: tenon-opt %s --split-input-file --verify-diagnostics

func.func @position_embedding_c1(%tokens: tensor<?xi32>, %table: tensor<64xf32>) {
  // expected-error @below {{expects a rank-2 table, but got rank 1}}
  %p = nn.position_embedding %tokens, %table : tensor<?xi32>, tensor<64xf32> -> tensor<?x64xf32>
  return
}

// -----

func.func @position_embedding_c2(%tokens: tensor<?xi32>, %table: tensor<8x64xf32>) {
  // expected-error @below {{expects the result shape [?, 64], but got [?, 32]}}
  %p = nn.position_embedding %tokens, %table : tensor<?xi32>, tensor<8x64xf32> -> tensor<?x32xf32>
  return
}

// -----

func.func @position_embedding_c3(%tokens: tensor<?xi32>, %table: tensor<8x64xf32>) {
  // expected-error @below {{expects an offset of at least 0 and less than the 8 rows, but got 8}}
  %p = nn.position_embedding %tokens, %table {offset = 8} : tensor<?xi32>, tensor<8x64xf32> -> tensor<?x64xf32>
  return
}

// -----

func.func @position_scale_c1(%x: tensor<f32>, %n: index) {
  // expected-error @below {{expects the input to have rank at least 1, but got rank 0}}
  %y = nn.position_scale %x, %n {scale = 0.1 : f32, interval = 8} : tensor<f32>, index
  return
}

// -----

func.func @position_scale_c2(%x: tensor<?x64xf32>, %n: index) {
  // expected-error @below {{expects a finite scale, but got}}
  %y = nn.position_scale %x, %n {scale = 0x7F800000 : f32, interval = 8} : tensor<?x64xf32>, index
  return
}

// -----

func.func @position_scale_c3(%x: tensor<?x64xf32>, %n: index) {
  // expected-error @below {{expects an interval of at least 1, but got 0}}
  %y = nn.position_scale %x, %n {scale = 0.1 : f32, interval = 0} : tensor<?x64xf32>, index
  return
}
