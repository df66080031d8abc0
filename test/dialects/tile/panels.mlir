// RUN: tenon-opt %s --verify-roundtrip | FileCheck %s

// A packed layout belongs to the value's type, and means nothing to graph ops.
// CHECK: nn.param @w : tensor<576x576x!nn.q4_1, #tile.panels<16>>
nn.param @w : tensor<576x576x!nn.q4_1, #tile.panels<16>> from "model.gguf" at 0

// CHECK-LABEL: func.func @reads
func.func @reads(%x: tensor<?x576xf32>) -> tensor<?x576xf32> {
  %w = nn.get_param @w : tensor<576x576x!nn.q4_1, #tile.panels<16>>
  %y = nn.linear %x, %w : tensor<?x576xf32>, tensor<576x576x!nn.q4_1, #tile.panels<16>> -> tensor<?x576xf32>
  return %y : tensor<?x576xf32>
}

// So does that of a matrix for each expert.
// CHECK: func.func private @experts(tensor<8x64x32xf16, #tile.panels<16>>)
func.func private @experts(tensor<8x64x32xf16, #tile.panels<16>>)
