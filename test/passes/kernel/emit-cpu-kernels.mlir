// RUN: tenon-opt %s --tenon-emit-cpu-kernels --canonicalize --cse | FileCheck %s

// A kernel becomes a function over the buffers of its arguments and results; the rows are divided over the threads.
// CHECK-LABEL: func.func private @neg(
// CHECK-SAME:    %[[THREAD:[^:]*]]: index, %[[THREADS:[^:]*]]: index, %[[TOKENS:[^:]*]]: index, %{{[^:]*}}: index,
// CHECK-SAME:    %[[X:[^:]*]]: memref<?x16xf32>, %[[Y:[^:]*]]: memref<?x16xf32>) attributes {tenon.kernel}
tile.kernel @neg family(rowwise) (%x: tensor<?x16xf32>) -> tensor<?x16xf32> {
  // CHECK: %[[DONE:.*]] = arith.muli %[[TOKENS]], %[[THREAD]]
  // CHECK: %[[FIRST:.*]] = arith.divui %[[DONE]], %[[THREADS]]
  // CHECK: scf.for %[[ROW:.*]] = %[[FIRST]] to
  // CHECK:   %[[IN:.*]] = vector.load %[[X]][%[[ROW]], %{{.*}}] : memref<?x16xf32>, vector<16xf32>
  // CHECK:   %[[OUT:.*]] = arith.negf %[[IN]] : vector<16xf32>
  // CHECK:   vector.store %[[OUT]], %[[Y]][%[[ROW]], %{{.*}}]
  %y = nn.neg %x : tensor<?x16xf32>
  tile.yield %y : tensor<?x16xf32>
}

// One row reads four panels at once, each with its own integer sum; 32 products are scaled and added at a time.
// CHECK-LABEL: func.func private @linear(
// CHECK:         scf.for {{.*}} iter_args(%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}) -> (vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>)
// CHECK-COUNT-32:  tile.int_dot {{.*}} small
// CHECK:           math.fma
tile.kernel @linear family(contraction) (%x: tensor<?x64x!nn.a8>, %w: tensor<64x64x!nn.q4_1, #tile.panels<16>>) -> tensor<?x64xf32>
    attributes {schedule = #tile.schedule<width = 16, rows = 2, panels = 2, gemv_panels = 4>} {
  %y = nn.linear %x, %w : tensor<?x64x!nn.a8>, tensor<64x64x!nn.q4_1, #tile.panels<16>> -> tensor<?x64xf32>
  tile.yield %y : tensor<?x64xf32>
}

// The scores of a block of 64 keys are four vectors; their weights are powers of two.
// CHECK-LABEL: func.func private @attention(
// CHECK-SAME:    memref<?xi8>
// CHECK:         scf.for {{.*}} iter_args(%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}) -> (vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>)
// CHECK:         math.exp2
tile.kernel @attention family(attention) (%q: tensor<?x4x16xf32>, %c: !cache.kv<heads = 2, dim = 16, f16>) -> tensor<?x4x16xf32>
    attributes {schedule = #tile.schedule<width = 16, query_rows = 1>} {
  %k, %v = cache.view %c : !cache.kv<heads = 2, dim = 16, f16> -> tensor<?x2x16xf32>, tensor<?x2x16xf32>
  %r = nn.attention %q, %k, %v {scale = 0.25 : f32, causal} : tensor<?x4x16xf32>, tensor<?x2x16xf32>, tensor<?x2x16xf32> -> tensor<?x4x16xf32>
  tile.yield %r : tensor<?x4x16xf32>
}
