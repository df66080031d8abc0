// RUN: tenon-opt %s --split-input-file --verify-diagnostics

func.func @rms_norm_c1(%x: tensor<?x64xf32>, %w: tensor<1x64xf32>) {
  // expected-error @below {{expects a rank-1 weight, but got rank 2}}
  %y = nn.rms_norm %x, %w eps = 1.0e-5 : tensor<?x64xf32>, tensor<1x64xf32>
  return
}

// -----

func.func @rms_norm_c2(%x: tensor<?x64xf32>, %w: tensor<32xf32>) {
  // expected-error @below {{expects the weight to have the size of the last input dimension (64), but got 32}}
  %y = nn.rms_norm %x, %w eps = 1.0e-5 : tensor<?x64xf32>, tensor<32xf32>
  return
}

// -----

func.func @rms_norm_c3(%x: tensor<?x64xf32>, %w: tensor<64xf32>) {
  // expected-error @below {{expects a finite eps of at least 0, but got -1}}
  %y = nn.rms_norm %x, %w eps = -1.0 : tensor<?x64xf32>, tensor<64xf32>
  return
}

// -----

func.func @layer_norm_c1(%x: tensor<?x64xf32>, %w: tensor<64xf32>, %b: tensor<32xf32>) {
  // expected-error @below {{expects the bias shape [64], but got [32]}}
  %y = nn.layer_norm %x, %w, %b eps = 1.0e-5 : tensor<?x64xf32>, tensor<64xf32>, tensor<32xf32>
  return
}

// -----

func.func @layer_norm_c2(%x: tensor<?x64xf32>, %w: tensor<32xf32>) {
  // expected-error @below {{expects the weight to have the size of the last input dimension (64), but got 32}}
  %y = nn.layer_norm %x, %w, %w eps = 1.0e-5 : tensor<?x64xf32>, tensor<32xf32>, tensor<32xf32>
  return
}

// -----

func.func @layer_norm_c3(%x: tensor<?x64xf32>, %w: tensor<64xf32>) {
  // expected-error @below {{expects a finite eps of at least 0, but got -1}}
  %y = nn.layer_norm %x, %w, %w eps = -1.0 : tensor<?x64xf32>, tensor<64xf32>, tensor<64xf32>
  return
}

// -----

func.func @layer_norm_c4(%x: tensor<?x64xf32>, %b: tensor<64xf32>) {
  // expected-error @below {{expects a bias to stand with a weight}}
  %y = "nn.layer_norm"(%x, %b) <{eps = 1.0e-5 : f32, operandSegmentSizes = array<i32: 1, 0, 1>}> : (tensor<?x64xf32>, tensor<64xf32>) -> tensor<?x64xf32>
  return
}

// -----

func.func @softmax_c1(%x: tensor<f32>) {
  // expected-error @below {{expects the input to have rank at least 1, but got rank 0}}
  %y = nn.softmax %x : tensor<f32>
  return
}
