// RUN: tenon-opt %s --split-input-file --verify-diagnostics

func.func @hippo_c1() {
  // expected-error @below {{expects a of [N, N] and b of [N], with an even N for fout, but got 'tensor<3x3xf32>' and 'tensor<3xf32>'}}
  %a, %b = ssm.hippo fout bilinear step = 0.1 -> tensor<3x3xf32>, tensor<3xf32>
  return
}

// -----

func.func @hippo_c2() {
  // expected-error @below {{expects a step that is positive and finite, but got 0}}
  %a, %b = ssm.hippo legs bilinear step = 0.0 -> tensor<3x3xf32>, tensor<3xf32>
  return
}

// -----

func.func @diagonal_c1() {
  // expected-error @below {{expects decay and phase of [N, C] and b of [2, N, C], but got 'tensor<4x2xf32>', 'tensor<4x2xf32>' and 'tensor<4x2xf32>'}}
  %g, %p, %b = ssm.diagonal inv zoh steps = [0.1, 0.1] -> tensor<4x2xf32>, tensor<4x2xf32>, tensor<4x2xf32>
  return
}

// -----

func.func @diagonal_c2() {
  // expected-error @below {{expects 2 steps, positive and finite, but got 1}}
  %g, %p, %b = ssm.diagonal inv zoh steps = [0.1] -> tensor<4x2xf32>, tensor<4x2xf32>, tensor<2x4x2xf32>
  return
}

// -----

func.func @kernel_c1() {
  // expected-error @below {{expects c of [2, N, C] f32 elements and taps of [C, length], but got 'tensor<2x4x2xf32>' and 'tensor<3x64xf32>'}}
  %w = ssm.kernel c = dense<0.5> : tensor<2x4x2xf32> steps = [0.1, 0.1] -> tensor<3x64xf32>
  return
}

// -----

func.func @kernel_c2() {
  // expected-error @below {{expects 2 steps, positive and finite, but got 2}}
  %w = ssm.kernel c = dense<0.5> : tensor<2x4x2xf32> steps = [0.1, -0.1] -> tensor<2x64xf32>
  return
}

// -----

func.func @project_c1(%x: tensor<?x2xf32>, %a: tensor<4x3xf32>, %b: tensor<4xf32>, %s: tensor<4x2xf32>) {
  // expected-error @below {{expects a of shape [N, N] = [4, 4], but got 'tensor<4x3xf32>'}}
  %c, %n = ssm.project %x, %a, %b state %s : tensor<?x2xf32>, tensor<4x3xf32>, tensor<4xf32>, tensor<4x2xf32>
  return
}

// -----

func.func @project_c2(%x: tensor<?x2xf32>, %a: tensor<0x0xf32>, %b: tensor<0xf32>, %s: tensor<0x2xf32>) {
  // expected-error @below {{expects N, a size of a, to be at least 1, but got 0}}
  %c, %n = ssm.project %x, %a, %b state %s : tensor<?x2xf32>, tensor<0x0xf32>, tensor<0xf32>, tensor<0x2xf32>
  return
}

// -----

func.func @project_whole_c1(%x: tensor<?x2xf32>, %s: tensor<4x3xf32>) {
  // expected-error @below {{expects state of shape [N, C] = [4, 2], but got 'tensor<4x3xf32>'}}
  %c, %n = ssm.project_whole %x state %s : tensor<?x2xf32>, tensor<4x3xf32>
  return
}

// -----

func.func @project_whole_c2(%x: tensor<?x2xf32>, %s: tensor<0x2xf32>) {
  // expected-error @below {{expects N, a size of state, to be at least 1, but got 0}}
  %c, %n = ssm.project_whole %x state %s : tensor<?x2xf32>, tensor<0x2xf32>
  return
}
