// RUN: tenon-opt %s --split-input-file --verify-diagnostics

func.func @lti_c1(%x: tensor<?x8xf32>, %g: tensor<4x8xf32>, %b: tensor<4x8xf32>, %s: tensor<2x4x8xf32>) {
  // expected-error @below {{expects b of shape [2, N, C] = [2, 4, 8], but got 'tensor<4x8xf32>'}}
  %y, %next = ssm.lti %x, %g, %g, %b, %b state %s
      : tensor<?x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<2x4x8xf32>
  return
}

// -----

// A state space without states.
func.func @lti_c2(%x: tensor<?x8xf32>, %g: tensor<0x8xf32>, %b: tensor<2x0x8xf32>, %s: tensor<2x0x8xf32>) {
  // expected-error @below {{expects N, a size of decay, to be at least 1, but got 0}}
  %y, %next = ssm.lti %x, %g, %g, %b, %b state %s
      : tensor<?x8xf32>, tensor<0x8xf32>, tensor<0x8xf32>, tensor<2x0x8xf32>, tensor<2x0x8xf32>, tensor<2x0x8xf32>
  return
}

// -----

func.func @lti_c3(%x: tensor<?x1xf32>, %p: tensor<2x1xf32>, %b: tensor<2x2x1xf32>, %s: tensor<2x2x1xf32>) {
  %g = nn.constant dense<[[-0.5], [0.25]]> : tensor<2x1xf32>
  // expected-error @below {{expects the logarithms of decays, decay, to be at most 0, but got 2.5}}
  %y, %next = ssm.lti %x, %g, %p, %b, %b state %s
      : tensor<?x1xf32>, tensor<2x1xf32>, tensor<2x1xf32>, tensor<2x2x1xf32>, tensor<2x2x1xf32>, tensor<2x2x1xf32>
  return
}
