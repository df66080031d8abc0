// RUN: tenon-opt %s --split-input-file --verify-diagnostics --tenon-verify-kernel

// What the passes above make passes.
tile.kernel @linear_0 family(contraction) (%x: tensor<?x64xf32>, %w: tensor<64x64xf32, #tile.panels<16>>) -> tensor<?x64xf32> {
  %y = nn.linear %x, %w : tensor<?x64xf32>, tensor<64x64xf32, #tile.panels<16>> -> tensor<?x64xf32>
  tile.yield %y : tensor<?x64xf32>
}
func.func @host(%x: tensor<?x64xf32>, %w: tensor<64x64xf32, #tile.panels<16>>) -> tensor<?x64xf32> {
  %y = tile.launch @linear_0(%x, %w) : (tensor<?x64xf32>, tensor<64x64xf32, #tile.panels<16>>) -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}

// -----

// The message begins with the model path.
func.func @left_over(%x: tensor<?x64xf32>, %w: tensor<64x?xf32>) -> tensor<?x?xf32> {
  // expected-error @unknown {{layers.0.mix: expects every op to be in a kernel, but no kernel family takes nn.matmul}}
  %y = nn.matmul %x, %w : tensor<?x64xf32>, tensor<64x?xf32> -> tensor<?x?xf32> loc("layers.0.mix")
  return %y : tensor<?x?xf32>
}

// -----

func.func @reason(%x: tensor<?x64xf32>, %w: tensor<32x64x!nn.q4_1>) -> tensor<?x32xf32> {
  // expected-error @below {{no kernel family takes nn.linear: the rounding of the input is not yet an op (tenon-quantize-activations)}}
  %y = nn.linear %x, %w {activation = #nn.activation<q8>} : tensor<?x64xf32>, tensor<32x64x!nn.q4_1> -> tensor<?x32xf32>
  return %y : tensor<?x32xf32>
}

// -----

tile.kernel @wrong_family family(contraction) (%x: tensor<?x64xf32>, %n: tensor<64xf32>, %w: tensor<64x64xf32, #tile.panels<16>>) -> tensor<?x64xf32> {
  %y = nn.linear %x, %w : tensor<?x64xf32>, tensor<64x64xf32, #tile.panels<16>> -> tensor<?x64xf32>
  // expected-error @below {{nn.rms_norm needs its whole row}}
  %r = nn.rms_norm %y, %n eps = 1.0e-5 : tensor<?x64xf32>, tensor<64xf32>
  tile.yield %r : tensor<?x64xf32>
}

// -----

tile.kernel @unpacked family(contraction) (%x: tensor<?x64xf32>, %w: tensor<64x64xf32>) -> tensor<?x64xf32> {
  // expected-error @below {{expects weights in panels, but got 'tensor<64x64xf32>'}}
  %y = nn.linear %x, %w : tensor<?x64xf32>, tensor<64x64xf32> -> tensor<?x64xf32>
  tile.yield %y : tensor<?x64xf32>
}

// -----

tile.kernel @two_inputs family(contraction) (%a: tensor<?x64xf32>, %b: tensor<?x64xf32>, %w: tensor<64x64xf32, #tile.panels<16>>) -> tensor<?x64xf32> {
  %y = nn.linear %a, %w : tensor<?x64xf32>, tensor<64x64xf32, #tile.panels<16>> -> tensor<?x64xf32>
  // expected-error @below {{expects all linears of a kernel to have the same input}}
  %z = nn.linear %b, %w : tensor<?x64xf32>, tensor<64x64xf32, #tile.panels<16>> -> tensor<?x64xf32>
  %s = nn.add %y, %z : tensor<?x64xf32>, tensor<?x64xf32>
  tile.yield %s : tensor<?x64xf32>
}

// -----

tile.kernel @not_an_argument family(contraction) (%x: tensor<?x64xf32>, %w: tensor<64x64xf32, #tile.panels<16>>) -> tensor<?x64xf32> {
  %n = nn.neg %x : tensor<?x64xf32>
  // expected-error @below {{expects operand #0 to be an argument of the kernel}}
  %y = nn.linear %n, %w : tensor<?x64xf32>, tensor<64x64xf32, #tile.panels<16>> -> tensor<?x64xf32>
  tile.yield %y : tensor<?x64xf32>
}

// -----

tile.kernel @not_computed family(contraction) (%x: tensor<?x64xf32>, %w: tensor<64x64xf32, #tile.panels<16>>, %v: tensor<?x1x64xf32>,
                                               %c: !cache.kv<heads = 1, dim = 64, f16>) {
  %y = nn.linear %x, %w : tensor<?x64xf32>, tensor<64x64xf32, #tile.panels<16>> -> tensor<?x64xf32>
  %k = nn.reshape %y : tensor<?x64xf32> to tensor<?x1x64xf32>
  // expected-error @below {{expects operand #2 to be computed in the kernel}}
  cache.append %c, %k, %v : !cache.kv<heads = 1, dim = 64, f16>, tensor<?x1x64xf32>, tensor<?x1x64xf32>
  tile.yield
}

// -----

tile.kernel @used_and_yielded family(contraction) (%x: tensor<?x64xf32>, %w: tensor<64x64xf32, #tile.panels<16>>)
    -> (tensor<?x64xf32>, tensor<?x64xf32>) {
  // expected-error @below {{expects a value that a kernel yields to be used nowhere else in it}}
  %y = nn.linear %x, %w : tensor<?x64xf32>, tensor<64x64xf32, #tile.panels<16>> -> tensor<?x64xf32>
  %z = nn.exp %y : tensor<?x64xf32>
  tile.yield %y, %z : tensor<?x64xf32>, tensor<?x64xf32>
}

// -----

tile.kernel @two_row_counts family(rowwise) (%x: tensor<?x64xf32>, %y: tensor<1x64xf32>) -> (tensor<?x64xf32>, tensor<1x64xf32>) {
  %a = nn.neg %x : tensor<?x64xf32>
  // expected-error @below {{expects values of the same number of rows in a kernel}}
  %b = nn.neg %y : tensor<1x64xf32>
  tile.yield %a, %b : tensor<?x64xf32>, tensor<1x64xf32>
}

// -----

// expected-error @below {{expects an attention kernel to have one attention, but got 0}}
tile.kernel @no_attention family(attention) (%x: tensor<?x64xf32>) -> tensor<?x64xf32> {
  %y = nn.neg %x : tensor<?x64xf32>
  tile.yield %y : tensor<?x64xf32>
}

// -----

// expected-error @below {{expects a scan kernel to have one recurrence, but got 0}}
tile.kernel @scan family(scan) () {
  tile.yield
}

// -----

tile.kernel @host_op family(rowwise) (%c: !cache.kv<heads = 1, dim = 64, f16>) {
  // expected-error @below {{no rowwise kernel takes cache.length}}
  %n = cache.length %c : !cache.kv<heads = 1, dim = 64, f16> -> index
  tile.yield
}
