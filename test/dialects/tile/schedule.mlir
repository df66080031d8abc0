// RUN: tenon-opt %s --verify-roundtrip | FileCheck %s

// Only choices that are made are printed.
// CHECK-LABEL: tile.kernel @chosen
// CHECK-SAME: schedule = #tile.schedule<width = 16, rows = 6, panels = 2, gemv_panels = 4>
tile.kernel @chosen family(rowwise) () attributes {schedule = #tile.schedule<width = 16, rows = 6, panels = 2, gemv_panels = 4>} {
  tile.yield
}

// CHECK-LABEL: tile.kernel @open
// CHECK-SAME: schedule = #tile.schedule}
tile.kernel @open family(rowwise) () attributes {schedule = #tile.schedule} {
  tile.yield
}
