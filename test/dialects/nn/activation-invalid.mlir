// RUN: tenon-opt %s --split-input-file --verify-diagnostics

// Only tensors of floats have activations.
func.func @not_a_float(%x: tensor<?x64xi32>) {
  // expected-error @below {{operand #0 must be ranked tensor of 32-bit float or 16-bit float or bfloat16 type values}}
  %y = nn.silu %x : tensor<?x64xi32>
  return
}

// -----

// Blocks are not floats: they are read by linear ops only.
func.func @not_rounded(%x: tensor<?x64x!nn.a8>) {
  // expected-error @below {{operand #0 must be ranked tensor of 32-bit float or 16-bit float or bfloat16 type values}}
  %y = nn.relu %x : tensor<?x64x!nn.a8>
  return
}

// -----

func.func @clamp_c1(%x: tensor<?x64xf32>) {
  // expected-error @below {{expects low, high or both to be numbers}}
  %y = nn.clamp %x : tensor<?x64xf32>
  return
}

// -----

func.func @clamp_c2(%x: tensor<?x64xf32>) {
  // expected-error @below {{expects low to be at most high, but got 2.000000e+00 and 1.000000e+00}}
  %y = nn.clamp %x {low = 2.0 : f32, high = 1.0 : f32} : tensor<?x64xf32>
  return
}
