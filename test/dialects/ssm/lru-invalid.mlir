// RUN: tenon-opt %s --split-input-file --verify-diagnostics

// Complex rows need a phase.
func.func @lru_c1(%x: tensor<?x2x8xf32>, %g: tensor<8xf32>, %s: tensor<2x8xf32>) {
  // expected-error @below {{expects x of shape [T, C] = [?, ?], but got 'tensor<?x2x8xf32>'}}
  %y, %next = ssm.lru %x, %g state %s : tensor<?x2x8xf32>, tensor<8xf32>, tensor<2x8xf32>
  return
}

// -----

func.func @lru_c1_phase(%x: tensor<?x2x8xf32>, %g: tensor<8xf32>, %p: tensor<4xf32>, %s: tensor<2x8xf32>) {
  // expected-error @below {{expects phase of shape [C] = [8], but got 'tensor<4xf32>'}}
  %y, %next = ssm.lru %x, %g phase %p state %s : tensor<?x2x8xf32>, tensor<8xf32>, tensor<4xf32>, tensor<2x8xf32>
  return
}

// -----

func.func @lru_c2(%x: tensor<?x0xf32>, %g: tensor<0xf32>, %s: tensor<1x0xf32>) {
  // expected-error @below {{expects C, a size of x, to be at least 1, but got 0}}
  %y, %next = ssm.lru %x, %g state %s : tensor<?x0xf32>, tensor<0xf32>, tensor<1x0xf32>
  return
}

// -----

func.func @lru_c3(%x: tensor<?x2xf32>, %s: tensor<1x2xf32>) {
  %g = nn.constant dense<[-0.1, 0.1]> : tensor<2xf32>
  // expected-error @below {{expects the logarithms of decays, decay, to be at most 0, but got 1.0}}
  %y, %next = ssm.lru %x, %g state %s : tensor<?x2xf32>, tensor<2xf32>, tensor<1x2xf32>
  return
}
