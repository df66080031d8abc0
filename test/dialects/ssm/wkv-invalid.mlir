// RUN: tenon-opt %s --split-input-file --verify-diagnostics

func.func @wkv_c1(%k: tensor<?x64xf32>, %w: tensor<64xf32>, %s: tensor<2x64xf32>) {
  // expected-error @below {{expects state of shape [3, C] = [3, 64], but got 'tensor<2x64xf32>'}}
  %y, %next = ssm.wkv %k, %k, %w, %w state %s : tensor<?x64xf32>, tensor<?x64xf32>, tensor<64xf32>, tensor<64xf32>, tensor<2x64xf32>
  return
}

// -----

func.func @wkv_c2(%k: tensor<?x0xf32>, %w: tensor<0xf32>, %s: tensor<3x0xf32>) {
  // expected-error @below {{expects C, a size of k, to be at least 1, but got 0}}
  %y, %next = ssm.wkv %k, %k, %w, %w state %s : tensor<?x0xf32>, tensor<?x0xf32>, tensor<0xf32>, tensor<0xf32>, tensor<3x0xf32>
  return
}

// -----

// The logarithm's sign is the usual mistake.
func.func @wkv_c3(%k: tensor<?x2xf32>, %u: tensor<2xf32>, %s: tensor<3x2xf32>) {
  %w = nn.constant dense<[0.5, 0.25]> : tensor<2xf32>
  // expected-error @below {{expects the logarithms of decays, w, to be at most 0, but got 5.000000e-01}}
  %y, %next = ssm.wkv %k, %k, %w, %u state %s : tensor<?x2xf32>, tensor<?x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<3x2xf32>
  return
}
