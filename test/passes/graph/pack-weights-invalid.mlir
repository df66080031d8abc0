// RUN: tenon-opt %s --tenon-pack-weights --verify-diagnostics

nn.param @w : tensor<64x64xf32> from "model.gguf" at 0

tile.kernel @linear_0 family(contraction) (%x: tensor<?x64xf32>, %w: tensor<64x64xf32>) -> tensor<?x64xf32> {
  // expected-error @below {{expects the weight to be read as a matrix only, but parameter 'w' is also read as a plain tensor}}
  %y = nn.linear %x, %w : tensor<?x64xf32>, tensor<64x64xf32> -> tensor<?x64xf32>
  tile.yield %y : tensor<?x64xf32>
}
tile.kernel @neg_0 family(rowwise) (%w: tensor<64x64xf32>) -> tensor<64x64xf32> {
  // expected-note @below {{the other use is nn.neg}}
  %y = nn.neg %w : tensor<64x64xf32>
  tile.yield %y : tensor<64x64xf32>
}
func.func @both(%x: tensor<?x64xf32>) -> (tensor<?x64xf32>, tensor<64x64xf32>) attributes {tenon.entry} {
  %w = nn.get_param @w : tensor<64x64xf32>
  %y = tile.launch @linear_0(%x, %w) : (tensor<?x64xf32>, tensor<64x64xf32>) -> tensor<?x64xf32>
  %z = tile.launch @neg_0(%w) : (tensor<64x64xf32>) -> tensor<64x64xf32>
  return %y, %z : tensor<?x64xf32>, tensor<64x64xf32>
}
