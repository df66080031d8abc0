// RUN: tenon-opt %s | tenon-opt | FileCheck %s

// A parameter has a type, a file and a place in it.
// CHECK: nn.param @blk.0.attn_q.weight : tensor<576x576x!nn.q4_1> from "model.gguf" at 1234
nn.param @"blk.0.attn_q.weight" : tensor<576x576x!nn.q4_1> from "model.gguf" at 1234

// Its value is read by name.
// CHECK-LABEL: @get
func.func @get() -> tensor<576x576x!nn.q4_1> {
  // CHECK: nn.get_param @blk.0.attn_q.weight : tensor<576x576x!nn.q4_1>
  %w = nn.get_param @"blk.0.attn_q.weight" : tensor<576x576x!nn.q4_1>
  return %w : tensor<576x576x!nn.q4_1>
}

// Small tables are constants.
// CHECK-LABEL: @table
func.func @table() -> tensor<2xf32> {
  // CHECK: nn.constant dense<[1.000000e+00, 1.000000e-01]> : tensor<2xf32>
  %f = nn.constant dense<[1.0, 0.1]> : tensor<2xf32>
  return %f : tensor<2xf32>
}
