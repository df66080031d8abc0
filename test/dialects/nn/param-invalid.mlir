// RUN: tenon-opt %s --split-input-file --verify-diagnostics

module @param_c1 {
  // expected-error @below {{expects a static shape, but got [?, 64]}}
  nn.param @w : tensor<?x64xf32> from "model.gguf" at 0
}

// -----

module @param_c2 {
  // expected-error @below {{expects the last dimension to be a multiple of 32 for '!nn.q4_0', but got 48}}
  nn.param @w : tensor<64x48x!nn.q4_0> from "model.gguf" at 0
}

// -----

module @param_c3 {
  // expected-error @below {{expects an offset of at least 0, but got -1}}
  nn.param @w : tensor<64xf32> from "model.gguf" at -1
}

// -----

module @param_c2 {
  // expected-error @below {{expects the last dimension to be a multiple of 32 for '!nn.q4_0', but got 48}}
  nn.param @w : tensor<64x48xf32> of [#nn.stored<"model.gguf" at 0 : tensor<64x48x!nn.q4_0>>]
}

// -----

module @param_c3 {
  // expected-error @below {{expects an offset of at least 0, but got -4}}
  nn.param @w : tensor<64xf32> of [#nn.stored<"model.bin" at -4 : tensor<64xf16>>]
}

// -----

module @param_c4 {
  // expected-error @below {{expects pieces to be #nn.stored or #nn.coded, or #nn.rows of them, but got "model.bin"}}
  nn.param @w : tensor<64xf32> of ["model.bin"]
}

// -----

module @param_c4 {
  // expected-error @below {{expects pieces to be #nn.stored or #nn.coded, or #nn.rows of them, but got #nn.rows<1 : i64[0, 1, 0]>}}
  nn.param @w : tensor<64xf32> of [#nn.rows<1 : i64[0, 1, 0]>]
}

// -----

module @param_c5 {
  // expected-error @below {{expects an array that files can hold, but got 'tensor<?xf32>'}}
  nn.param @w : tensor<64xf32> of [#nn.stored<"model.bin" at 0 : tensor<?xf32>>]
}

// -----

module @param_c5 {
  // expected-error @below {{expects an array that files can hold, but got 'tensor<64xf80>'}}
  nn.param @w : tensor<64xf32> of [#nn.stored<"model.bin" at 0 : tensor<64xf80>>]
}

// -----

module @param_c5 {
  // expected-error @below {{expects at most 2^48 elements, but got [4194304, 4194304, 4194304]}}
  nn.param @w : tensor<4194304x4194304x4194304xf32> from "model.bin" at 0
}

// -----

module @param_c6 {
  // expected-error @below {{expects part "scales" to be an #nn.stored, but got 1 : i64}}
  nn.param @w : tensor<4x8xf32> of [#nn.coded<"scaled" [4, 8] {scales = 1}>]
}

// -----

module @param_c6 {
  // expected-error @below {{expects the rule awq, gptq, gptq_v2, mxfp4, packed, scaled, but got magic}}
  nn.param @w : tensor<4x8xf32> of [#nn.coded<"magic" [4, 8] {}>]
}

// -----

module @param_c6 {
  // expected-error @below {{expects the part values}}
  nn.param @w : tensor<4x8xf32> of [#nn.coded<"scaled" [4, 8] {scales = #nn.stored<"m" at 0 : tensor<f32>>}>]
}

// -----

module @param_c6 {
  // expected-error @below {{expects values of i8 [4, 8], but got i8 [8, 4]}}
  nn.param @w : tensor<4x8xf32> of [#nn.coded<"scaled" [4, 8] {values = #nn.stored<"m" at 0 : tensor<8x4xi8>>, scales = #nn.stored<"m" at 0 : tensor<f32>>}>]
}

// -----

module @param_c6 {
  // expected-error @below {{expects a shape of at most 2^48 elements, but got [-4, 8]}}
  nn.param @w : tensor<4x8xf32> of [#nn.coded<"scaled" [-4, 8] {}>]
}

// -----

module @param_c7 {
  // expected-error @below {{expects rows within the 64 of the tensor, but got [32, 33, 0]}}
  nn.param @w : tensor<33x8xf32> of [#nn.rows<#nn.stored<"m" at 0 : tensor<64x8xf32>>[32, 33, 0]>]
}

// -----

module @param_c7 {
  // expected-error @below {{expects rows within the 64 of the tensor, but got [0, 2, 1]}}
  nn.param @w : tensor<64x8xf32> of [#nn.rows<#nn.stored<"m" at 0 : tensor<64x8xf32>>[0, 2, 1]>]
}

// -----

module @param_c8 {
  // expected-error @below {{expects pieces of 64 elements together, but got 32}}
  nn.param @w : tensor<64xf32> of [#nn.stored<"m" at 0 : tensor<32xf32>>]
}

// -----

module @param_c8 {
  // expected-error @below {{expects pieces of whole rows and blocks}}
  nn.param @w : tensor<2x64x!nn.q8_0> of [#nn.stored<"m" at 0 : tensor<4x32xf32>>]
}

// -----

module @param_c9 {
  // expected-error @below {{expects transposed tensors to be arrays of plain elements of rank 2 or more}}
  nn.param @w : tensor<64xf32> of [#nn.stored<"m" at 0 : tensor<64xf32>>] transposed
}

// -----

module @param_c10 {
  // expected-error @below {{expects elements of 'i32', to which floats are not rounded}}
  nn.param @w : tensor<64xi32> of [#nn.stored<"m" at 0 : tensor<64xf32>>]
}

// -----

module @param_c11 {
  // expected-error @below {{expects elements of f32 where something is added or a function applied, but got 'bf16'}}
  nn.param @w : tensor<64xbf16> of [#nn.stored<"m" at 0 : tensor<64xbf16>>] plus 1.0
}

// -----

module @param_c12 {
  // expected-error @below {{expects a function among negative_exp, negative_softplus, one_minus, but got exp}}
  nn.param @w : tensor<64xf32> of [#nn.stored<"m" at 0 : tensor<64xf32>>] apply exp
}

// -----

func.func @get_param_c1() {
  // expected-error @below {{expects @w to be an nn.param}}
  %w = nn.get_param @w : tensor<64xf32>
  return
}

// -----

// expected-note @below {{the parameter is declared here}}
nn.param @w : tensor<64xf16> from "model.gguf" at 0
func.func @get_param_c2() {
  // expected-error @below {{expects the parameter's type 'tensor<64xf16>', but got 'tensor<64xf32>'}}
  %w = nn.get_param @w : tensor<64xf32>
  return
}

// -----

func.func @constant_c1() {
  // expected-error @below {{expects at most 65536 elements, but got 65537}}
  %c = nn.constant dense<0.0> : tensor<65537xf32>
  return
}
