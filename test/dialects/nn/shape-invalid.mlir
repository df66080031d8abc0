// RUN: tenon-opt %s --split-input-file --verify-diagnostics

func.func @reshape_c1(%x: tensor<4x8xf32>) {
  // expected-error @below {{expects the result to have the element type 'f32' of the input, but got 'i32'}}
  %y = nn.reshape %x : tensor<4x8xf32> to tensor<32xi32>
  return
}

// -----

func.func @reshape_c2(%x: tensor<4x8xf32>) {
  // expected-error @below {{expects at most one dynamic result dimension, and none for a static input, but got [4, 8] to [?, 8]}}
  %y = nn.reshape %x : tensor<4x8xf32> to tensor<?x8xf32>
  return
}

// -----

func.func @reshape_c3(%x: tensor<4x8xf32>) {
  // expected-error @below {{expects shapes of the same number of elements, but got [4, 8] and [33]}}
  %y = nn.reshape %x : tensor<4x8xf32> to tensor<33xf32>
  return
}

// -----

func.func @transpose_c1(%x: tensor<4x8xf32>) {
  // expected-error @below {{expects a permutation of 2 dimensions, but got [1, 1]}}
  %y = nn.transpose %x permutation = [1, 1] : tensor<4x8xf32> -> tensor<8x8xf32>
  return
}

// -----

func.func @transpose_c2(%x: tensor<4x8xf32>) {
  // expected-error @below {{expects the result shape [8, 4], but got [4, 8]}}
  %y = nn.transpose %x permutation = [1, 0] : tensor<4x8xf32> -> tensor<4x8xf32>
  return
}

// -----

func.func @concat_c1(%x: tensor<4x8xf32>, %y: tensor<8xf32>) {
  // expected-error @below {{expects inputs of the result's rank 2, but got 1}}
  %z = nn.concat %x, %y dim = 0 : tensor<4x8xf32>, tensor<8xf32> -> tensor<5x8xf32>
  return
}

// -----

func.func @concat_c2(%x: tensor<4x8xf32>) {
  // expected-error @below {{expects a dim of at least 0 and less than the rank 2, but got 2}}
  %z = nn.concat %x dim = 2 : tensor<4x8xf32> -> tensor<4x8xf32>
  return
}

// -----

func.func @concat_c3(%x: tensor<4x8xf32>, %y: tensor<4x7xf32>) {
  // expected-error @below {{expects the input shape [4, 8], but got [4, 7]}}
  %z = nn.concat %x, %y dim = 0 : tensor<4x8xf32>, tensor<4x7xf32> -> tensor<8x8xf32>
  return
}

// -----

func.func @concat_c4(%x: tensor<4x8xf32>) {
  // expected-error @below {{expects the result shape [8, 8], but got [7, 8]}}
  %z = nn.concat %x, %x dim = 0 : tensor<4x8xf32>, tensor<4x8xf32> -> tensor<7x8xf32>
  return
}

// -----

func.func @slice_c1(%x: tensor<4x8xf32>) {
  // expected-error @below {{expects a dim of at least 0 and less than the rank 2, but got -1}}
  %y = nn.slice %x dim = -1 start = 0 size = 1 : tensor<4x8xf32> -> tensor<4x1xf32>
  return
}

// -----

func.func @slice_c2(%x: tensor<4x8xf32>) {
  // expected-error @below {{expects a size of at least 0, but got -1}}
  %y = nn.slice %x dim = 0 start = 0 size = -1 : tensor<4x8xf32> -> tensor<4x8xf32>
  return
}

// -----

func.func @slice_c3(%x: tensor<4x8xf32>) {
  // expected-error @below {{expects a slice inside the dimension of 4, but got start 3 and size 2}}
  %y = nn.slice %x dim = 0 start = 3 size = 2 : tensor<4x8xf32> -> tensor<2x8xf32>
  return
}

// -----

func.func @slice_c3_from_the_end(%x: tensor<?x8xf32>) {
  // expected-error @below {{expects a slice inside the dimension of ?, but got start -1 and size 2}}
  %y = nn.slice %x dim = 0 start = -1 size = 2 : tensor<?x8xf32> -> tensor<2x8xf32>
  return
}

// -----

func.func @slice_c4(%x: tensor<4x8xf32>) {
  // expected-error @below {{expects the result shape [2, 8], but got [3, 8]}}
  %y = nn.slice %x dim = 0 start = 1 size = 2 : tensor<4x8xf32> -> tensor<3x8xf32>
  return
}

// -----

func.func @gather_c1(%x: tensor<f32>, %i: tensor<4xi32>) {
  // expected-error @below {{expects the input to have rank at least 1, but got rank 0}}
  %y = nn.gather %x, %i : tensor<f32>, tensor<4xi32> -> tensor<4xf32>
  return
}

// -----

func.func @gather_c2(%x: tensor<?x8xf32>, %i: tensor<4xi32>) {
  // expected-error @below {{expects the result shape [4, 8], but got [3, 8]}}
  %y = nn.gather %x, %i : tensor<?x8xf32>, tensor<4xi32> -> tensor<3x8xf32>
  return
}
