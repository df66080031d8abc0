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
