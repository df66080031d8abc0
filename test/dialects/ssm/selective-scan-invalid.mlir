// RUN: tenon-opt %s --split-input-file --verify-diagnostics

func.func @selective_scan_c1(%x: tensor<?x4xf32>, %a: tensor<2x4xf32>, %b: tensor<?x3xf32>, %s: tensor<2x4xf32>) {
  // expected-error @below {{expects b of shape [T, N] = [?, 2], but got 'tensor<?x3xf32>'}}
  %y, %next = ssm.selective_scan %x, %x, %a, %b, %b state %s : tensor<?x4xf32>, tensor<?x4xf32>, tensor<2x4xf32>, tensor<?x3xf32>,
      tensor<?x3xf32>, tensor<2x4xf32>
  return
}

// -----

// A transposed matrix of decays.
func.func @selective_scan_c1_transposed(%x: tensor<?x4xf32>, %a: tensor<4x2xf32>, %b: tensor<?x2xf32>, %s: tensor<2x4xf32>) {
  // expected-error @below {{expects a of shape [N, D] = [4, 4], but got 'tensor<4x2xf32>'}}
  %y, %next = ssm.selective_scan %x, %x, %a, %b, %b state %s : tensor<?x4xf32>, tensor<?x4xf32>, tensor<4x2xf32>, tensor<?x2xf32>,
      tensor<?x2xf32>, tensor<2x4xf32>
  return
}

// -----

func.func @selective_scan_c2(%x: tensor<?x4xf32>, %a: tensor<0x4xf32>, %b: tensor<?x0xf32>, %s: tensor<0x4xf32>) {
  // expected-error @below {{expects N, a size of a, to be at least 1, but got 0}}
  %y, %next = ssm.selective_scan %x, %x, %a, %b, %b state %s : tensor<?x4xf32>, tensor<?x4xf32>, tensor<0x4xf32>, tensor<?x0xf32>,
      tensor<?x0xf32>, tensor<0x4xf32>
  return
}

// -----

func.func @selective_scan_c3(%x: tensor<?x1xf32>, %b: tensor<?x2xf32>, %s: tensor<2x1xf32>) {
  %a = nn.constant dense<[[-1.0], [0.5]]> : tensor<2x1xf32>
  // expected-error @below {{expects the logarithms of decays, a, to be at most 0, but got 5.000000e-01}}
  %y, %next = ssm.selective_scan %x, %x, %a, %b, %b state %s : tensor<?x1xf32>, tensor<?x1xf32>, tensor<2x1xf32>, tensor<?x2xf32>,
      tensor<?x2xf32>, tensor<2x1xf32>
  return
}

// -----

// Not a number is no decay.
func.func @selective_scan_c3_nan(%x: tensor<?x1xf32>, %b: tensor<?x1xf32>, %s: tensor<1x1xf32>) {
  %a = nn.constant dense<0x7FC00000> : tensor<1x1xf32>
  // expected-error @below {{expects the logarithms of decays, a, to be at most 0, but got nan}}
  %y, %next = ssm.selective_scan %x, %x, %a, %b, %b state %s : tensor<?x1xf32>, tensor<?x1xf32>, tensor<1x1xf32>, tensor<?x1xf32>,
      tensor<?x1xf32>, tensor<1x1xf32>
  return
}
