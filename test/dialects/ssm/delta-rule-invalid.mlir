// RUN: tenon-opt %s --split-input-file --verify-diagnostics

func.func @delta_rule_c1(%q: tensor<?x4x8xf32>, %v: tensor<?x4x3xf32>, %a: tensor<?x2x8xf32>, %s: tensor<4x8x3xf32>) {
  // expected-error @below {{expects a of shape [T, G, K] = [?, 4, 8], but got 'tensor<?x2x8xf32>'}}
  %y, %next = ssm.delta_rule %q, %q, %v, %a, %q state %s : tensor<?x4x8xf32>, tensor<?x4x8xf32>, tensor<?x4x3xf32>,
      tensor<?x2x8xf32>, tensor<?x4x8xf32>, tensor<4x8x3xf32>
  return
}

// -----

func.func @delta_rule_c2(%q: tensor<?x4x8xf32>, %v: tensor<?x4x0xf32>, %s: tensor<4x8x0xf32>) {
  // expected-error @below {{expects V, a size of v, to be at least 1, but got 0}}
  %y, %next = ssm.delta_rule %q, %q, %v, %q, %q state %s : tensor<?x4x8xf32>, tensor<?x4x8xf32>, tensor<?x4x0xf32>,
      tensor<?x4x8xf32>, tensor<?x4x8xf32>, tensor<4x8x0xf32>
  return
}

// -----

func.func @delta_rule_c3(%q: tensor<1x2x8xf32>, %v: tensor<1x2x3xf32>, %s: tensor<2x8x3xf32>) {
  %g = nn.constant dense<[[-1.0, 1.0]]> : tensor<1x2xf32>
  // expected-error @below {{expects the logarithms of decays, decay, to be at most 0, but got 1.000000e+00}}
  %y, %next = ssm.delta_rule %q, %q, %v, %q, %q decay %g state %s : tensor<1x2x8xf32>, tensor<1x2x8xf32>, tensor<1x2x3xf32>,
      tensor<1x2x8xf32>, tensor<1x2x8xf32>, tensor<1x2xf32>, tensor<2x8x3xf32>
  return
}

// -----

func.func @delta_rule_c4(%q: tensor<?x3x8xf32>, %v: tensor<?x4x3xf32>, %s: tensor<4x8x3xf32>) {
  // expected-error @below {{expects heads to be a multiple of groups, but got 4 and 3}}
  %y, %next = ssm.delta_rule %q, %q, %v, %q, %q state %s : tensor<?x3x8xf32>, tensor<?x3x8xf32>, tensor<?x4x3xf32>,
      tensor<?x3x8xf32>, tensor<?x3x8xf32>, tensor<4x8x3xf32>
  return
}
