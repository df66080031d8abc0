// RUN: tenon-opt %s --split-input-file --verify-diagnostics

// The state has a row less than there are taps.
func.func @causal_conv_c1(%x: tensor<?x64xf32>, %w: tensor<64x4xf32>, %s: tensor<4x64xf32>) {
  // expected-error @below {{expects state of shape [K-1, C] = [3, 64], but got 'tensor<4x64xf32>'}}
  %y, %next = ssm.causal_conv %x, %w state %s : tensor<?x64xf32>, tensor<64x4xf32>, tensor<4x64xf32>
  return
}

// -----

func.func @causal_conv_c1_channels(%x: tensor<?x64xf32>, %w: tensor<32x4xf32>, %s: tensor<3x64xf32>) {
  // expected-error @below {{expects w of shape [C, K] = [64, ?], but got 'tensor<32x4xf32>'}}
  %y, %next = ssm.causal_conv %x, %w state %s : tensor<?x64xf32>, tensor<32x4xf32>, tensor<3x64xf32>
  return
}

// -----

func.func @causal_conv_c2(%x: tensor<?x64xf32>, %w: tensor<64x0xf32>, %s: tensor<1x64xf32>) {
  // expected-error @below {{expects K, a size of w, to be at least 1, but got 0}}
  %y, %next = ssm.causal_conv %x, %w state %s : tensor<?x64xf32>, tensor<64x0xf32>, tensor<1x64xf32>
  return
}

// -----

func.func @shift_c1(%x: tensor<?x64xf32>, %s: tensor<2x64xf32>) {
  // expected-error @below {{expects state of shape [1, C] = [1, 64], but got 'tensor<2x64xf32>'}}
  %y, %next = ssm.shift %x state %s : tensor<?x64xf32>, tensor<2x64xf32>
  return
}

// -----

func.func @shift_c2(%x: tensor<?x0xf32>, %s: tensor<1x0xf32>) {
  // expected-error @below {{expects C, a size of x, to be at least 1, but got 0}}
  %y, %next = ssm.shift %x state %s : tensor<?x0xf32>, tensor<1x0xf32>
  return
}
