// RUN: tenon-opt %s --tenon-emit-cpu-kernels --split-input-file --verify-diagnostics

// A softmax needs its whole row, of which a tile is known at a time.
tile.kernel @row family(contraction) (%x: tensor<?x32xf32>, %w: tensor<32x32xf32, #tile.panels<16>>) -> tensor<?x32xf32>
    attributes {schedule = #tile.schedule<rows = 1, panels = 1, gemv_panels = 1>} {
  %y = nn.linear %x, %w : tensor<?x32xf32>, tensor<32x32xf32, #tile.panels<16>> -> tensor<?x32xf32>
  // expected-error @below {{moves columns of a result of which a tile is known at a time}}
  %r = nn.softmax %y : tensor<?x32xf32>
  tile.yield %r : tensor<?x32xf32>
}

// -----

tile.kernel @unpacked family(contraction) (%x: tensor<?x32xf32>, %w: tensor<32x32xf32>) -> tensor<?x32xf32>
    attributes {schedule = #tile.schedule<rows = 1, panels = 1, gemv_panels = 1>} {
  // expected-error @below {{expects a weight that is an argument packed in panels, but got 'tensor<32x32xf32>'}}
  %y = nn.linear %x, %w : tensor<?x32xf32>, tensor<32x32xf32> -> tensor<?x32xf32>
  tile.yield %y : tensor<?x32xf32>
}

// -----

// expected-error @below {{expects a schedule with rows, panels and gemv_panels}}
tile.kernel @unscheduled family(contraction) (%x: tensor<?x32xf32>, %w: tensor<32x32xf32, #tile.panels<16>>) -> tensor<?x32xf32> {
  %y = nn.linear %x, %w : tensor<?x32xf32>, tensor<32x32xf32, #tile.panels<16>> -> tensor<?x32xf32>
  tile.yield %y : tensor<?x32xf32>
}

// -----

// expected-error @below {{expects one recurrence}}
tile.kernel @scan family(scan) (%x: tensor<?x32xf32>) -> tensor<?x32xf32> {
  tile.yield %x : tensor<?x32xf32>
}

// -----

// A norm needs the whole row, but a contraction knows 16 columns of it.
tile.kernel @norm family(contraction) (%x: tensor<?x32xf32>, %w: tensor<32x32xf32, #tile.panels<16>>, %n: tensor<32xf32>) -> tensor<?x32xf32>
    attributes {schedule = #tile.schedule<rows = 1, panels = 1, gemv_panels = 1>} {
  %y = nn.linear %x, %w : tensor<?x32xf32>, tensor<32x32xf32, #tile.panels<16>> -> tensor<?x32xf32>
  // expected-error @below {{moves columns of a result of which a tile is known at a time}}
  %z = nn.rms_norm %y, %n eps = 1.0e-5 : tensor<?x32xf32>, tensor<32xf32>
  tile.yield %z : tensor<?x32xf32>
}
