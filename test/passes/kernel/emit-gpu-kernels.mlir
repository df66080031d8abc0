// RUN: tenon-opt %s --tenon-emit-gpu-kernels=target=sm_80 --split-input-file --canonicalize --cse | FileCheck %s

// The kernel stays and says how it is launched: a block takes a row, a thread four columns at a time.
// CHECK-LABEL: tile.kernel @neg
// CHECK-SAME:    <"neg", threads = 32, 1, 1 grid = 1, 1, 1 rows = 1, 0, 0 shared = 0>
// CHECK: llvm.func @neg(%{{.*}}: !llvm.ptr {llvm.align = 16 : i64, llvm.noalias}, %{{.*}}: !llvm.ptr {{.*}}, %{{.*}}: !llvm.ptr {{.*}}) attributes {nvvm.kernel, nvvm.reqntid = array<i32: 32, 1, 1>}
// CHECK: nvvm.read.ptx.sreg.ctaid.x
// CHECK: scf.for
// CHECK: vector.load {{.*}} : memref<?x64xf32>, vector<4xf32>
// CHECK: arith.negf
// CHECK: vector.store
tile.kernel @neg family(rowwise) (%x: tensor<?x64xf32>) -> tensor<?x64xf32> {
  %y = nn.neg %x : tensor<?x64xf32>
  tile.yield %y : tensor<?x64xf32>
}

// -----

// A sum over the row is one of lanes, by shuffles, and one of warps, by shared memory. Blocks of 32 columns are rounded by eight lanes each.
// CHECK-LABEL: tile.kernel @norm
// CHECK-SAME:    <"norm", threads = 160, 1, 1 grid = 1, 1, 1 rows = 1, 0, 0 shared = 20>
// CHECK-LABEL: llvm.func @norm
// CHECK-COUNT-5: nvvm.shfl.sync bfly
// CHECK: nvvm.barrier0
// CHECK-COUNT-3: nvvm.shfl.sync bfly
tile.kernel @norm family(rowwise) (%x: tensor<?x576xf32>, %w: tensor<576xf32>) -> tensor<?x576x!nn.a8> {
  %y = nn.rms_norm %x, %w eps = 1.0e-5 : tensor<?x576xf32>, tensor<576xf32>
  %q = nn.quantize %y : tensor<?x576xf32> -> tensor<?x576x!nn.a8>
  tile.yield %q : tensor<?x576x!nn.a8>
}

// -----

// Where no number of the whole row is needed, several blocks share it. A row that is not made of whole vectors is read by single columns.
// CHECK-LABEL: tile.kernel @long
// CHECK-SAME:    <"long", threads = 512, 1, 1 grid = 1, 2, 1 rows = 1, 0, 0 shared = 0>
// CHECK-LABEL: tile.kernel @odd
// CHECK-SAME:    <"odd", threads = 64, 1, 1 grid = 1, 1, 1 rows = 1, 0, 0 shared = 0>
tile.kernel @long family(rowwise) (%x: tensor<?x4096xf32>) -> tensor<?x4096xf32> {
  %y = nn.neg %x : tensor<?x4096xf32>
  tile.yield %y : tensor<?x4096xf32>
}
tile.kernel @odd family(rowwise) (%x: tensor<?x37xf32>) -> tensor<?x37xf32> {
  %y = nn.neg %x : tensor<?x37xf32>
  tile.yield %y : tensor<?x37xf32>
}

// -----

// Results with another number of rows are a stage of their own.
// CHECK-LABEL: tile.kernel @two
// CHECK-SAME:    <"two", threads = 32, 1, 1 grid = 1, 1, 1 rows = 1, 0, 0 shared = 0>
// CHECK-SAME:    <"two_1", threads = 32, 1, 1 grid = 4, 1, 1 rows = 0, 0, 0 shared = 0>
tile.kernel @two family(rowwise) (%x: tensor<?x32xf32>, %z: tensor<4x32xf32>) -> (tensor<?x32xf32>, tensor<4x32xf32>) {
  %y = nn.neg %x : tensor<?x32xf32>
  %n = nn.neg %z : tensor<4x32xf32>
  tile.yield %y, %n : tensor<?x32xf32>, tensor<4x32xf32>
}
