// RUN: tenon-opt %s --split-input-file --verify-diagnostics

func.func @linear_attention_c1(%q: tensor<?x4x16xf32>, %k: tensor<?x4x8xf32>, %v: tensor<?x4x32xf32>, %s: tensor<4x16x32xf32>) {
  // expected-error @below {{expects k of shape [T, G, K] = [?, 4, 16], but got 'tensor<?x4x8xf32>'}}
  %y, %next = ssm.linear_attention %q, %k, %v state %s : tensor<?x4x16xf32>, tensor<?x4x8xf32>, tensor<?x4x32xf32>, tensor<4x16x32xf32>
  return
}

// -----

// The state is [H, K, V], not its transpose.
func.func @linear_attention_c1_state(%q: tensor<?x4x16xf32>, %v: tensor<?x4x32xf32>, %s: tensor<4x32x16xf32>) {
  // expected-error @below {{expects state of shape [H, K, V] = [4, 16, 32], but got 'tensor<4x32x16xf32>'}}
  %y, %next = ssm.linear_attention %q, %q, %v state %s : tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x4x32xf32>, tensor<4x32x16xf32>
  return
}

// -----

func.func @linear_attention_c2(%q: tensor<?x4x0xf32>, %v: tensor<?x4x32xf32>, %s: tensor<4x0x32xf32>) {
  // expected-error @below {{expects K, a size of q, to be at least 1, but got 0}}
  %y, %next = ssm.linear_attention %q, %q, %v state %s : tensor<?x4x0xf32>, tensor<?x4x0xf32>, tensor<?x4x32xf32>, tensor<4x0x32xf32>
  return
}

// -----

func.func @linear_attention_c3(%q: tensor<?x1x2xf32>, %v: tensor<?x2x3xf32>, %s: tensor<2x2x3xf32>) {
  %g = nn.constant dense<[-0.5, 0.03]> : tensor<2xf32>
  // expected-error @below {{expects the logarithms of decays, decay, to be at most 0, but got 3.0}}
  %y, %next = ssm.linear_attention %q, %q, %v decay %g state %s {fixed_decay}
      : tensor<?x1x2xf32>, tensor<?x1x2xf32>, tensor<?x2x3xf32>, tensor<2xf32>, tensor<2x2x3xf32>
  return
}

// -----

func.func @linear_attention_c4(%q: tensor<?x3x16xf32>, %v: tensor<?x4x32xf32>, %s: tensor<4x16x32xf32>) {
  // expected-error @below {{expects heads to be a multiple of groups, but got 4 and 3}}
  %y, %next = ssm.linear_attention %q, %q, %v state %s : tensor<?x3x16xf32>, tensor<?x3x16xf32>, tensor<?x4x32xf32>, tensor<4x16x32xf32>
  return
}

// -----

func.func @linear_attention_c5(%q: tensor<?x4x16xf32>, %v: tensor<?x4x32xf32>, %u: tensor<4x16xf32>, %s: tensor<4x16x32xf32>) {
  // expected-error @below {{expects read to be before where there is a bonus}}
  %y, %next = ssm.linear_attention %q, %q, %v bonus %u state %s
      : tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x4x32xf32>, tensor<4x16xf32>, tensor<4x16x32xf32>
  return
}

// -----

func.func @linear_attention_c5_decay(%q: tensor<?x4x16xf32>, %v: tensor<?x4x32xf32>, %s: tensor<4x16x32xf32>) {
  // expected-error @below {{expects a decay}}
  %y, %next = ssm.linear_attention %q, %q, %v state %s {fixed_decay}
      : tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x4x32xf32>, tensor<4x16x32xf32>
  return
}
