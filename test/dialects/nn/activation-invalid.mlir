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
