// RUN: tenon-opt %s --split-input-file --verify-diagnostics

// expected-error @below {{expects three positive threads and grid sizes, three rows and shared bytes that are not negative}}
tile.kernel @stage_c1 family(rowwise) () attributes {stage = #tile.stage<"norm", threads = 128, 1 grid = 1, 1, 1 rows = 1, 0, 0 shared = 32>} {
  tile.yield
}

// -----

// expected-error @below {{expects a workspace that is not negative, but got -64 and 0 per token}}
tile.kernel @stages_c1 family(rowwise) () attributes {stages = #tile.stages<workspace = -64 per_token = 0 [<"norm", threads = 32, 1, 1 grid = 1, 1, 1 rows = 1, 0, 0 shared = 0>]>} {
  tile.yield
}
