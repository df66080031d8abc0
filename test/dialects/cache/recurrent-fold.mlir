// RUN: tenon-opt %s --canonicalize --cse | FileCheck %s

// A state read twice is read once, unless it was written in between; a write is never dropped.
// CHECK-LABEL: @read
func.func @read(%c: !cache.recurrent<4xf32>, %x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) {
  // CHECK: %[[A:.*]] = cache.read
  // CHECK: cache.write
  // CHECK: %[[B:.*]] = cache.read
  // CHECK: return %[[A]], %[[A]], %[[B]]
  %a = cache.read %c : !cache.recurrent<4xf32> -> tensor<4xf32>
  %b = cache.read %c : !cache.recurrent<4xf32> -> tensor<4xf32>
  cache.write %c, %x : !cache.recurrent<4xf32>, tensor<4xf32>
  %d = cache.read %c : !cache.recurrent<4xf32> -> tensor<4xf32>
  return %a, %b, %d : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
}
