// RUN: tenon-opt %s --split-input-file --verify-diagnostics --tenon-lower-host

func.func private @k(index, index, index, index, memref<?x32xf32>, memref<?x64xf32>) attributes {tenon.kernel}

func.func @next(%x: tensor<?x64xf32>) -> tensor<?x64xf32> attributes {tenon.entry, rt.frame = #rt.extent<0 + 0 * tokens>} {
  // expected-error @below {{expects a kernel of type '(index, index, index, index, memref<?x64xf32>, memref<?x64xf32>) -> ()', but got '(index, index, index, index, memref<?x32xf32>, memref<?x64xf32>) -> ()'}}
  %y = tile.launch @k(%x) {rt.placement = [unit]} : (tensor<?x64xf32>) -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}

// -----

// expected-error @below {{expects a planned arena, but rt.frame is missing}}
func.func @next(%x: tensor<?x64xf32>) -> tensor<?x64xf32> attributes {tenon.entry} {
  return %x : tensor<?x64xf32>
}

// -----

func.func @next(%x: tensor<?x64xf32>) -> tensor<?x64xf32> attributes {tenon.entry, rt.frame = #rt.extent<0 + 0 * tokens>} {
  // expected-error @below {{expects to be inside a kernel, but is in a host function}}
  %y = nn.silu %x : tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}

// -----

nn.param @w : tensor<64xf32> from "model.gguf" at 0

func.func @next(%x: tensor<?x64xf32>) -> tensor<?x64xf32> attributes {tenon.entry, rt.frame = #rt.extent<0 + 0 * tokens>} {
  // expected-error @below {{expects a parameter with a place in the packed weights, but @w has none}}
  %w = nn.get_param @w : tensor<64xf32>
  return %x : tensor<?x64xf32>
}
