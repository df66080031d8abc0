// RUN: tenon-opt %s | tenon-opt | FileCheck %s

// A parameter has a type, a file and a place in it.
// CHECK: nn.param @blk.0.attn_q.weight : tensor<576x576x!nn.q4_1> from "model.gguf" at 1234
nn.param @"blk.0.attn_q.weight" : tensor<576x576x!nn.q4_1> from "model.gguf" at 1234

// It may be some columns of a matrix that is stored the other way round.
// CHECK: nn.param @"h.0.attn.c_attn.weight[key]" : tensor<64x64xf32> of
// CHECK-SAME: [#nn.rows<#nn.stored<"model.safetensors" at 8192 : tensor<64x192xf32>>[64, 64, 0]>] transposed
nn.param @"h.0.attn.c_attn.weight[key]" : tensor<64x64xf32>
    of [#nn.rows<#nn.stored<"model.safetensors" at 8192 : tensor<64x192xf32>>[64, 64, 0]>] transposed

// Something may be added as it is read, and its format may be another.
// CHECK: nn.param @model.norm.weight : tensor<64xf32> of [#nn.stored<"model.safetensors" at 512 : tensor<64xbf16>>] plus 1.000000e+00
nn.param @"model.norm.weight" : tensor<64xf32> of [#nn.stored<"model.safetensors" at 512 : tensor<64xbf16>>] plus 1.0

// Rates of decay may be stored as logarithms, and the other way round.
// CHECK: nn.param @mixer.A_log : tensor<16x64xf32> of [#nn.stored<"model.safetensors" at 0 : tensor<64x16xf32>>] transposed apply negative_exp
nn.param @mixer.A_log : tensor<16x64xf32> of [#nn.stored<"model.safetensors" at 0 : tensor<64x16xf32>>] transposed apply negative_exp

// Experts that are stored one by one are one parameter of rank 3, and floats may become blocks.
// CHECK: nn.param @experts.w1 : tensor<2x16x32x!nn.q8_0> of
// CHECK-SAME: [#nn.stored<"a.safetensors" at 0 : tensor<16x32xf16>>, #nn.stored<"b.safetensors" at 64 : tensor<16x32xf16>>]
nn.param @experts.w1 : tensor<2x16x32x!nn.q8_0>
    of [#nn.stored<"a.safetensors" at 0 : tensor<16x32xf16>>, #nn.stored<"b.safetensors" at 64 : tensor<16x32xf16>>]

// A rule may make its elements of several arrays.
// CHECK: nn.param @scaled : tensor<4x8xbf16> of
// CHECK-SAME: [#nn.coded<"scaled" [4, 8] {scales = #nn.stored<"m" at 32 : tensor<4x1xf32>>, values = #nn.stored<"m" at 0 : tensor<4x8xf8E4M3FN>>}>]
nn.param @scaled : tensor<4x8xbf16>
    of [#nn.coded<"scaled" [4, 8] {values = #nn.stored<"m" at 0 : tensor<4x8xf8E4M3FN>>, scales = #nn.stored<"m" at 32 : tensor<4x1xf32>>}>]

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
