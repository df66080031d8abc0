// RUN: tenon-opt %s --tenon-pack-weights --split-input-file | FileCheck %s

// The layout reaches the parameter through the launch and the call; a table that is the head's weight too is packed once.
// CHECK: nn.param @w : tensor<64x64x!nn.q4_1, #tile.panels<16>>
nn.param @w : tensor<64x64x!nn.q4_1> from "model.gguf" at 0
// CHECK: nn.param @table : tensor<256x64x!nn.q8_0, #tile.panels<16>>
nn.param @table : tensor<256x64x!nn.q8_0> from "model.gguf" at 10000
// CHECK: nn.param @norm : tensor<64xf32> from
nn.param @norm : tensor<64xf32> from "model.gguf" at 50000

// CHECK: tile.kernel @linear_0 family(contraction) (%{{.*}}: tensor<?x64xf32>, %{{.*}}: tensor<64x64x!nn.q4_1, #tile.panels<16>>)
tile.kernel @linear_0 family(contraction) (%x: tensor<?x64xf32>, %w: tensor<64x64x!nn.q4_1>) -> tensor<?x64xf32> {
  %y = nn.linear %x, %w : tensor<?x64xf32>, tensor<64x64x!nn.q4_1> -> tensor<?x64xf32>
  tile.yield %y : tensor<?x64xf32>
}
tile.kernel @embedding_0 family(rowwise) (%t: tensor<?xi32>, %w: tensor<256x64x!nn.q8_0>) -> tensor<?x64xf32> {
  %y = nn.embedding %t, %w : tensor<?xi32>, tensor<256x64x!nn.q8_0> -> tensor<?x64xf32>
  tile.yield %y : tensor<?x64xf32>
}
tile.kernel @linear_1 family(contraction) (%x: tensor<?x64xf32>, %w: tensor<256x64x!nn.q8_0>) -> tensor<?x256xf32> {
  %y = nn.linear %x, %w : tensor<?x64xf32>, tensor<256x64x!nn.q8_0> -> tensor<?x256xf32>
  tile.yield %y : tensor<?x256xf32>
}
// CHECK: func.func private @block(%{{.*}}: tensor<?x64xf32>, %{{.*}}: tensor<64x64x!nn.q4_1, #tile.panels<16>>)
func.func private @block(%x: tensor<?x64xf32>, %w: tensor<64x64x!nn.q4_1>) -> tensor<?x64xf32> {
  %y = tile.launch @linear_0(%x, %w) : (tensor<?x64xf32>, tensor<64x64x!nn.q4_1>) -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}
// CHECK-LABEL: func.func @forward
func.func @forward(%tokens: tensor<?xi32>) -> tensor<?x256xf32> attributes {tenon.entry} {
  // CHECK: nn.get_param @table : tensor<256x64x!nn.q8_0, #tile.panels<16>>
  %table = nn.get_param @table : tensor<256x64x!nn.q8_0>
  %x = tile.launch @embedding_0(%tokens, %table) : (tensor<?xi32>, tensor<256x64x!nn.q8_0>) -> tensor<?x64xf32>
  %w = nn.get_param @w : tensor<64x64x!nn.q4_1>
  %y = call @block(%x, %w) : (tensor<?x64xf32>, tensor<64x64x!nn.q4_1>) -> tensor<?x64xf32>
  %head = nn.get_param @table : tensor<256x64x!nn.q8_0>
  %z = tile.launch @linear_1(%y, %head) : (tensor<?x64xf32>, tensor<256x64x!nn.q8_0>) -> tensor<?x256xf32>
  return %z : tensor<?x256xf32>
}

// -----

// A weight that an entry is given is not a parameter, and stays as it is.
tile.kernel @linear_0 family(contraction) (%x: tensor<?x64xf32>, %w: tensor<64x64xf32>) -> tensor<?x64xf32> {
  %y = nn.linear %x, %w : tensor<?x64xf32>, tensor<64x64xf32> -> tensor<?x64xf32>
  tile.yield %y : tensor<?x64xf32>
}
// CHECK: func.func @given(%{{.*}}: tensor<?x64xf32>, %{{.*}}: tensor<64x64xf32>)
func.func @given(%x: tensor<?x64xf32>, %w: tensor<64x64xf32>) -> tensor<?x64xf32> attributes {tenon.entry} {
  %y = tile.launch @linear_0(%x, %w) : (tensor<?x64xf32>, tensor<64x64xf32>) -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}

// The step of a recurrence reads its matrices as they are.
// CHECK: nn.param @recurrent : tensor<16x4xf32> from
nn.param @recurrent : tensor<16x4xf32> from "model.gguf" at 0

// CHECK-LABEL: func.func @step_of_a_scan
func.func @step_of_a_scan(%x: tensor<?x16xf32>, %h: tensor<1x4xf32>) -> tensor<?x16xf32> {
  %w = nn.get_param @recurrent : tensor<16x4xf32>
  // CHECK: ssm.scan
  %y, %n = ssm.scan sequences(%x : tensor<?x16xf32>) fixed(%w : tensor<16x4xf32>) states(%h : tensor<1x4xf32>)
      -> (tensor<?x16xf32>) next(tensor<1x4xf32>) {
  ^bb0(%row: tensor<1x16xf32>, %u: tensor<16x4xf32>, %s: tensor<1x4xf32>):
    // CHECK: nn.linear %{{.*}}, %{{.*}} : tensor<1x4xf32>, tensor<16x4xf32> -> tensor<1x16xf32>
    %0 = nn.linear %s, %u : tensor<1x4xf32>, tensor<16x4xf32> -> tensor<1x16xf32>
    %1 = nn.add %0, %row : tensor<1x16xf32>, tensor<1x16xf32>
    ssm.yield outputs(%1 : tensor<1x16xf32>) states(%s : tensor<1x4xf32>)
  }
  return %y : tensor<?x16xf32>
}
