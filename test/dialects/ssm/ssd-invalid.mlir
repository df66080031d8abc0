// RUN: tenon-opt %s --split-input-file --verify-diagnostics

func.func @ssd_c1(%x: tensor<?x4x8xf32>, %dt: tensor<?x2xf32>, %a: tensor<4xf32>, %b: tensor<?x1x3xf32>, %s: tensor<4x3x8xf32>) {
  // expected-error @below {{expects dt of shape [T, H] = [?, 4], but got 'tensor<?x2xf32>'}}
  %y, %next = ssm.ssd %x, %dt, %a, %b, %b state %s : tensor<?x4x8xf32>, tensor<?x2xf32>, tensor<4xf32>, tensor<?x1x3xf32>,
      tensor<?x1x3xf32>, tensor<4x3x8xf32>
  return
}

// -----

func.func @ssd_c2(%x: tensor<?x4x8xf32>, %dt: tensor<?x4xf32>, %a: tensor<4xf32>, %b: tensor<?x1x0xf32>, %s: tensor<4x0x8xf32>) {
  // expected-error @below {{expects N, a size of b, to be at least 1, but got 0}}
  %y, %next = ssm.ssd %x, %dt, %a, %b, %b state %s : tensor<?x4x8xf32>, tensor<?x4xf32>, tensor<4xf32>, tensor<?x1x0xf32>,
      tensor<?x1x0xf32>, tensor<4x0x8xf32>
  return
}

// -----

func.func @ssd_c3(%x: tensor<?x2x8xf32>, %dt: tensor<?x2xf32>, %b: tensor<?x1x3xf32>, %s: tensor<2x3x8xf32>) {
  %a = nn.constant dense<[-1.0, 2.0]> : tensor<2xf32>
  // expected-error @below {{expects the logarithms of decays, a, to be at most 0, but got 2.000000e+00}}
  %y, %next = ssm.ssd %x, %dt, %a, %b, %b state %s : tensor<?x2x8xf32>, tensor<?x2xf32>, tensor<2xf32>, tensor<?x1x3xf32>,
      tensor<?x1x3xf32>, tensor<2x3x8xf32>
  return
}

// -----

func.func @ssd_c4(%x: tensor<?x4x8xf32>, %dt: tensor<?x4xf32>, %a: tensor<4xf32>, %b: tensor<?x3x3xf32>, %s: tensor<4x3x8xf32>) {
  // expected-error @below {{expects heads to be a multiple of groups, but got 4 and 3}}
  %y, %next = ssm.ssd %x, %dt, %a, %b, %b state %s : tensor<?x4x8xf32>, tensor<?x4xf32>, tensor<4xf32>, tensor<?x3x3xf32>,
      tensor<?x3x3xf32>, tensor<4x3x8xf32>
  return
}
