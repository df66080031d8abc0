// RUN: tenon-opt %s --tenon-graph-pipeline --tenon-kernel-pipeline --tenon-host-pipeline | FileCheck %s

// The pipelines are in the tool, and lead from a graph to planned launches.
nn.param @w : tensor<64x64x!nn.q4_1> from "model.gguf" at 0

// CHECK: tile.kernel @quantize_{{.*}} family(rowwise)
// CHECK: tile.kernel @linear_silu_{{.*}} family(contraction)
// CHECK-LABEL: func.func @forward
func.func @forward(%x: tensor<?x64xf32>) -> tensor<?x64xf32> attributes {tenon.entry} {
  // CHECK: tile.launch @quantize_{{.*}} {rt.placement
  // CHECK: tile.launch @linear_silu_{{.*}} rt.wait
  %w = nn.get_param @w : tensor<64x64x!nn.q4_1>
  %y = nn.linear %x, %w {activation = #nn.activation<q8>} : tensor<?x64xf32>, tensor<64x64x!nn.q4_1> -> tensor<?x64xf32>
  %z = nn.silu %y : tensor<?x64xf32>
  return %z : tensor<?x64xf32>
}
