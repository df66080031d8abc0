// RUN: tenon-opt %s --tenon-assign-weights | FileCheck %s

// Places follow first use, entries first; a parameter used twice has one place, an unused one has none. Weights in panels take their padding.
// CHECK: module attributes {rt.weights_bytes = 30912 : i64}
// CHECK: nn.param @late : tensor<100xf32> from "model.gguf" at 0 {rt.weight_offset = 30464 : i64}
// CHECK: nn.param @first : tensor<20x96x!nn.q4_1, #tile.panels<16>> from "model.gguf" at 400 {rt.weight_offset = 0 : i64}
// CHECK: nn.param @second : tensor<100x71xf32> from "model.gguf" at 4000 {rt.weight_offset = 1920 : i64}
// CHECK: nn.param @third : tensor<33xf16> from "model.gguf" at 5000 {rt.weight_offset = 30336 : i64}
// CHECK: nn.param @unused : tensor<3xf32> from "model.gguf" at 6000
// CHECK-NOT: rt.weight_offset
nn.param @late : tensor<100xf32> from "model.gguf" at 0
nn.param @first : tensor<20x96x!nn.q4_1, #tile.panels<16>> from "model.gguf" at 400
nn.param @second : tensor<100x71xf32> from "model.gguf" at 4000
nn.param @third : tensor<33xf16> from "model.gguf" at 5000
nn.param @unused : tensor<3xf32> from "model.gguf" at 6000

func.func private @block() {
  %w = nn.get_param @late : tensor<100xf32>
  return
}
func.func @next() attributes {tenon.entry} {
  %a = nn.get_param @first : tensor<20x96x!nn.q4_1, #tile.panels<16>>
  %b = nn.get_param @second : tensor<100x71xf32>
  %c = nn.get_param @third : tensor<33xf16>
  return
}
func.func @forward() attributes {tenon.entry} {
  %a = nn.get_param @first : tensor<20x96x!nn.q4_1, #tile.panels<16>>
  return
}
