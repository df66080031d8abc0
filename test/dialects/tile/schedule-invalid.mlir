// RUN: tenon-opt %s --split-input-file --verify-diagnostics

// expected-error @below {{expects choices that are not negative, but got -1}}
tile.kernel @schedule_c1 family(rowwise) () attributes {schedule = #tile.schedule<rows = -1>} {
  tile.yield
}
