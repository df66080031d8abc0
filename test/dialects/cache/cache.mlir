// RUN: tenon-opt %s | tenon-opt | FileCheck %s

// CHECK: cache.declare @kv0 : !cache.kv<heads = 3, dim = 64, f16>
cache.declare @kv0 : !cache.kv<heads = 3, dim = 64, f16>

// A block measures its slot, appends to it and reads all of it.
// CHECK-LABEL: @block
func.func @block(%k: tensor<?x3x64xf32>, %v: tensor<?x3x64xf32>) -> (index, tensor<?x3x64xf32>, tensor<?x3x64xf32>) {
  // CHECK: %[[C:.*]] = cache.get @kv0 : !cache.kv<heads = 3, dim = 64, f16>
  %c = cache.get @kv0 : !cache.kv<heads = 3, dim = 64, f16>
  // CHECK: cache.length %[[C]] : !cache.kv<heads = 3, dim = 64, f16> -> index
  %n = cache.length %c : !cache.kv<heads = 3, dim = 64, f16> -> index
  // CHECK: cache.append %[[C]], %{{.*}}, %{{.*}} : !cache.kv<heads = 3, dim = 64, f16>, tensor<?x3x64xf32>, tensor<?x3x64xf32>
  cache.append %c, %k, %v : !cache.kv<heads = 3, dim = 64, f16>, tensor<?x3x64xf32>, tensor<?x3x64xf32>
  // CHECK: %{{.*}}, %{{.*}} = cache.view %[[C]] : !cache.kv<heads = 3, dim = 64, f16> -> tensor<?x3x64xf32>, tensor<?x3x64xf32>
  %ks, %vs = cache.view %c : !cache.kv<heads = 3, dim = 64, f16> -> tensor<?x3x64xf32>, tensor<?x3x64xf32>
  return %n, %ks, %vs : index, tensor<?x3x64xf32>, tensor<?x3x64xf32>
}

// Any slot can be marked, rewound and forked.
// CHECK-LABEL: @back
func.func @back() {
  %c = cache.get @kv0 : !cache.kv<heads = 3, dim = 64, f16>
  // CHECK: %[[M:.*]] = cache.mark %[[C:.*]] : !cache.kv<heads = 3, dim = 64, f16> -> !cache.mark
  %m = cache.mark %c : !cache.kv<heads = 3, dim = 64, f16> -> !cache.mark
  // CHECK: cache.rewind %[[C]], %[[M]] : !cache.kv<heads = 3, dim = 64, f16>, !cache.mark
  cache.rewind %c, %m : !cache.kv<heads = 3, dim = 64, f16>, !cache.mark
  // CHECK: cache.fork %[[C]] : !cache.kv<heads = 3, dim = 64, f16>
  %d = cache.fork %c : !cache.kv<heads = 3, dim = 64, f16>
  return
}

// A latent slot keeps keys only; values are their first elements.
// CHECK-LABEL: @latent
func.func @latent(%c: !cache.kv<heads = 1, dim = 576, f16, latent = 512>, %k: tensor<?x1x576xf32>) -> tensor<?x1x512xf32> {
  // CHECK: cache.append %{{.*}}, %{{.*}} : !cache.kv<heads = 1, dim = 576, f16, latent = 512>, tensor<?x1x576xf32>
  cache.append %c, %k : !cache.kv<heads = 1, dim = 576, f16, latent = 512>, tensor<?x1x576xf32>
  // CHECK: cache.view %{{.*}} : !cache.kv<heads = 1, dim = 576, f16, latent = 512> -> tensor<?x1x576xf32>, tensor<?x1x512xf32>
  %ks, %vs = cache.view %c : !cache.kv<heads = 1, dim = 576, f16, latent = 512> -> tensor<?x1x576xf32>, tensor<?x1x512xf32>
  return %vs : tensor<?x1x512xf32>
}
