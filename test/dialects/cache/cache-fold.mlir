// RUN: tenon-opt %s --canonicalize --cse | FileCheck %s

cache.declare @kv0 : !cache.kv<heads = 1, dim = 4, f32>

// Reading the length twice is reading it once, unless positions were appended in between.
// CHECK-LABEL: @length
func.func @length(%k: tensor<?x1x4xf32>) -> (index, index, index) {
  // CHECK: %[[A:.*]] = cache.length
  // CHECK: cache.append
  // CHECK: %[[B:.*]] = cache.length
  // CHECK: return %[[A]], %[[A]], %[[B]]
  %c = cache.get @kv0 : !cache.kv<heads = 1, dim = 4, f32>
  %a = cache.length %c : !cache.kv<heads = 1, dim = 4, f32> -> index
  %b = cache.length %c : !cache.kv<heads = 1, dim = 4, f32> -> index
  cache.append %c, %k, %k : !cache.kv<heads = 1, dim = 4, f32>, tensor<?x1x4xf32>, tensor<?x1x4xf32>
  %d = cache.length %c : !cache.kv<heads = 1, dim = 4, f32> -> index
  return %a, %b, %d : index, index, index
}
