// RUN: tenon-opt %s --verify-roundtrip | FileCheck %s

// A kernel that was emitted for a GPU: one stage, a block of 128 threads for each token.
// CHECK-LABEL: tile.kernel @norm_1a
// CHECK-SAME: stages = #tile.stages<workspace = 0 per_token = 256[<"norm_1a", threads = 128, 1, 1 grid = 1, 1, 1 rows = 1, 0, 0 shared = 32>]>
tile.kernel @norm_1a family(rowwise) () attributes {
    stages = #tile.stages<workspace = 0 per_token = 256 [#tile.stage<"norm_1a", threads = 128, 1, 1 grid = 1, 1, 1 rows = 1, 0, 0 shared = 32>]>} {
  tile.yield
}
