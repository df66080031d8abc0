// RUN: tenon-opt %s --split-input-file --tenon-plan-arena | FileCheck %s

func.func private @k(index, index, index, index, memref<?x64xf32>, memref<?x64xf32>) attributes {tenon.kernel}
func.func private @join(index, index, index, index, memref<?x64xf32>, memref<?x64xf32>, memref<?x64xf32>) attributes {tenon.kernel}

// Two launches that do not depend on one another share a step; what reads them waits. The first temporary is dead when the third is made
// and gives it its place.
// CHECK-LABEL: func.func @steps
// CHECK-SAME:    rt.frame = #rt.extent<0 + 512 * tokens>
func.func @steps(%x: tensor<?x64xf32>) -> tensor<?x64xf32> attributes {tenon.entry} {
  // CHECK: tile.launch @k({{.*}}) {rt.placement = [#rt.extent<0 + 0 * tokens>]}
  %a = tile.launch @k(%x) : (tensor<?x64xf32>) -> tensor<?x64xf32>
  // CHECK: tile.launch @k({{.*}}) {rt.placement = [#rt.extent<0 + 256 * tokens>]}
  %b = tile.launch @k(%x) : (tensor<?x64xf32>) -> tensor<?x64xf32>
  // CHECK: tile.launch @join({{.*}}) {rt.placement = [unit], rt.wait}
  %y = tile.launch @join(%a, %b) : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}

// CHECK-LABEL: func.func @reuse
// CHECK-SAME:    rt.frame = #rt.extent<0 + 512 * tokens>
func.func @reuse(%x: tensor<?x64xf32>) -> tensor<?x64xf32> attributes {tenon.entry} {
  // CHECK: {rt.placement = [#rt.extent<0 + 0 * tokens>]}
  %a = tile.launch @k(%x) : (tensor<?x64xf32>) -> tensor<?x64xf32>
  // CHECK: {rt.placement = [#rt.extent<0 + 256 * tokens>], rt.wait}
  %b = tile.launch @k(%a) : (tensor<?x64xf32>) -> tensor<?x64xf32>
  // CHECK: {rt.placement = [#rt.extent<0 + 0 * tokens>], rt.wait}
  %c = tile.launch @k(%b) : (tensor<?x64xf32>) -> tensor<?x64xf32>
  // CHECK: {rt.placement = [unit], rt.wait}
  %y = tile.launch @k(%c) : (tensor<?x64xf32>) -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}

// -----

func.func private @last(index, index, index, index, memref<?x64xf32>, memref<1x3xf32>) attributes {tenon.kernel}
func.func private @k(index, index, index, index, memref<?x64xf32>, memref<?x64xf32>) attributes {tenon.kernel}
func.func private @out(index, index, index, index, memref<1x3xf32>, memref<?x64xf32>, memref<1x3xf32>) attributes {tenon.kernel}

// Constant sizes, rounded up to 64 bytes, come before those that grow with the tokens. An unused result has a place too.
// CHECK-LABEL: func.func @constants
// CHECK-SAME:    rt.frame = #rt.extent<64 + 512 * tokens>
func.func @constants(%x: tensor<?x64xf32>) -> tensor<1x3xf32> attributes {tenon.entry} {
  // CHECK: {rt.placement = [#rt.extent<64 + 0 * tokens>]}
  %a = tile.launch @k(%x) : (tensor<?x64xf32>) -> tensor<?x64xf32>
  // CHECK: {rt.placement = [#rt.extent<0 + 0 * tokens>], rt.wait}
  %b = tile.launch @last(%a) : (tensor<?x64xf32>) -> tensor<1x3xf32>
  // CHECK: {rt.placement = [#rt.extent<64 + 256 * tokens>]}
  %unused = tile.launch @k(%x) : (tensor<?x64xf32>) -> tensor<?x64xf32>
  // CHECK: {rt.placement = [unit], rt.wait}
  %y = tile.launch @out(%b, %a) : (tensor<1x3xf32>, tensor<?x64xf32>) -> tensor<1x3xf32>
  return %y : tensor<1x3xf32>
}

// -----

func.func private @k(index, index, index, index, memref<?x64xf32>, memref<?x64xf32>) attributes {tenon.kernel}

// The callee's part begins where the caller's own ends, at every call; the caller's frame is both. A call waits for the launches
// before it, what follows does not wait for the call: it ends with a barrier.
// CHECK-LABEL: func.func @caller
// CHECK-SAME:    rt.frame = #rt.extent<0 + 768 * tokens>
func.func @caller(%x: tensor<?x64xf32>) -> tensor<?x64xf32> attributes {tenon.entry} {
  // CHECK: tile.launch
  %a = tile.launch @k(%x) : (tensor<?x64xf32>) -> tensor<?x64xf32>
  // CHECK: call @block({{.*}}) {rt.frame = #rt.extent<0 + 512 * tokens>, rt.placement = [#rt.extent<0 + 256 * tokens>], rt.wait}
  %b = func.call @block(%a) : (tensor<?x64xf32>) -> tensor<?x64xf32>
  // CHECK: call @block({{.*}}) {rt.frame = #rt.extent<0 + 512 * tokens>, rt.placement = [#rt.extent<0 + 0 * tokens>]}
  %c = func.call @block(%b) : (tensor<?x64xf32>) -> tensor<?x64xf32>
  // CHECK: tile.launch @k({{.*}}) {rt.placement = [unit]}
  %y = tile.launch @k(%c) : (tensor<?x64xf32>) -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}

// CHECK-LABEL: func.func private @block
// CHECK-SAME:    rt.frame = #rt.extent<0 + 256 * tokens>
func.func private @block(%x: tensor<?x64xf32>) -> tensor<?x64xf32> {
  %a = tile.launch @k(%x) : (tensor<?x64xf32>) -> tensor<?x64xf32>
  %y = tile.launch @k(%a) : (tensor<?x64xf32>) -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}

// -----

func.func private @append(index, index, index, index, memref<?x64xf32>, memref<?xi8>) attributes {tenon.kernel}
func.func private @read(index, index, index, index, memref<?xi8>, memref<?x64xf32>) attributes {tenon.kernel}

// Launches that share a state slot are ordered, though no tensor joins them.
// CHECK-LABEL: func.func private @state
func.func private @state(%x: tensor<?x64xf32>, %kv: !cache.kv<heads = 1, dim = 64, f16>) -> tensor<?x64xf32> {
  // CHECK: tile.launch @append({{.*}}) {rt.placement = []}
  tile.launch @append(%x, %kv) : (tensor<?x64xf32>, !cache.kv<heads = 1, dim = 64, f16>) -> ()
  // CHECK: tile.launch @read({{.*}}) {rt.placement = [unit], rt.wait}
  %y = tile.launch @read(%kv) : (!cache.kv<heads = 1, dim = 64, f16>) -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}
