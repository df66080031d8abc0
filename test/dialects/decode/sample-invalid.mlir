// RUN: tenon-opt %s --split-input-file --verify-diagnostics

func.func @greedy_c1(%l: tensor<256xf32>) {
  // expected-error @below {{expects rank-2 logits, but got rank 1}}
  %t = decode.greedy %l : tensor<256xf32> -> tensor<1xi32>
  return
}

// -----

func.func @sample_c1(%l: tensor<1x256xf32>, %u: tensor<2xf32>) {
  // expected-error @below {{expects one element for each of the 1 rows, but got 'tensor<2xf32>'}}
  %t = decode.sample %l, %u : tensor<1x256xf32>, tensor<2xf32> -> tensor<1xi32>
  return
}

// -----

func.func @sample_c2(%l: tensor<1x256xf32>, %u: tensor<1xf32>) {
  // expected-error @below {{expects a finite temperature of at least 0, but got -1}}
  %t = decode.sample %l, %u {temperature = -1.0 : f32} : tensor<1x256xf32>, tensor<1xf32> -> tensor<1xi32>
  return
}

// -----

func.func @sample_c3(%l: tensor<1x256xf32>, %u: tensor<1xf32>) {
  // expected-error @below {{expects a top_k of at least 0, but got -1}}
  %t = decode.sample %l, %u {top_k = -1} : tensor<1x256xf32>, tensor<1xf32> -> tensor<1xi32>
  return
}

// -----

func.func @sample_c4(%l: tensor<1x256xf32>, %u: tensor<1xf32>) {
  // expected-error @below {{expects a top_p above 0 and at most 1, but got 0}}
  %t = decode.sample %l, %u {top_p = 0.0 : f32} : tensor<1x256xf32>, tensor<1xf32> -> tensor<1xi32>
  return
}

// -----

func.func @sample_c5(%l: tensor<1x256xf32>, %u: tensor<1xf32>) {
  // expected-error @below {{expects a min_p of at least 0 and at most 1, but got 2}}
  %t = decode.sample %l, %u {min_p = 2.0 : f32} : tensor<1x256xf32>, tensor<1xf32> -> tensor<1xi32>
  return
}
