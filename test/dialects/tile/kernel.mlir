// RUN: tenon-opt %s --verify-roundtrip | FileCheck %s

// A kernel names its family.
// CHECK-LABEL: tile.kernel @rms_norm_1a2b3c4d family(rowwise) (%{{.*}}: tensor<?x64xf32>, %{{.*}}: tensor<64xf32>) -> tensor<?x64xf32> {
tile.kernel @rms_norm_1a2b3c4d family(rowwise) (%x: tensor<?x64xf32>, %w: tensor<64xf32>) -> tensor<?x64xf32> {
  %y = nn.rms_norm %x, %w eps = 1.0e-5 : tensor<?x64xf32>, tensor<64xf32>
  // CHECK: tile.yield %{{.*}} : tensor<?x64xf32>
  tile.yield %y : tensor<?x64xf32>
}

// A kernel may have effects only, and take indices and slots.
// CHECK-LABEL: tile.kernel @append_0 family(rowwise)
tile.kernel @append_0 family(rowwise) (%c: !cache.kv<heads = 1, dim = 16, f16>, %k: tensor<?x1x16xf32>, %n: index) {
  cache.append %c, %k, %k : !cache.kv<heads = 1, dim = 16, f16>, tensor<?x1x16xf32>, tensor<?x1x16xf32>
  tile.yield
}

// Once it is chosen, the schedule stands with it.
// CHECK-LABEL: tile.kernel @neg_5e6f7a8b family(rowwise)
// CHECK-SAME:    attributes {schedule = #tile.schedule<width = 16>}
tile.kernel @neg_5e6f7a8b family(rowwise) (%x: tensor<?x64xf32>) -> tensor<?x64xf32> attributes {schedule = #tile.schedule<width = 16>} {
  %y = nn.neg %x : tensor<?x64xf32>
  tile.yield %y : tensor<?x64xf32>
}

// CHECK-LABEL: func.func @launches
func.func @launches(%x: tensor<?x64xf32>, %w: tensor<64xf32>) -> tensor<?x64xf32> {
  // CHECK: tile.launch @rms_norm_1a2b3c4d(%{{.*}}, %{{.*}}) : (tensor<?x64xf32>, tensor<64xf32>) -> tensor<?x64xf32>
  %y = tile.launch @rms_norm_1a2b3c4d(%x, %w) : (tensor<?x64xf32>, tensor<64xf32>) -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}
