// RUN: tenon-opt %s --tenon-choose-schedule=target=x86-64-v4 | FileCheck %s --check-prefix=V4
// RUN: tenon-opt %s --tenon-choose-schedule=target=x86-64-v3 | FileCheck %s --check-prefix=V3
// RUN: tenon-opt %s --tenon-choose-schedule=target=x86-64-v4 --remarks-filter=tenon-choose-schedule 2>&1 | FileCheck %s --check-prefix=REMARK
// RUN: not tenon-opt %s --tenon-choose-schedule=target=abacus 2>&1 | FileCheck %s --check-prefix=UNKNOWN

// UNKNOWN: unknown target abacus

// 32 registers hold a tile of six rows and two panels, integer and float sums both.
// V4-LABEL: tile.kernel @linear
// V4-SAME:    schedule = #tile.schedule<width = 16, rows = 6, panels = 2, gemv_panels = 4>
// A machine with 16 registers of half the width has room for two streams at most when there is one row.
// V3-LABEL: tile.kernel @linear
// V3-SAME:    gemv_panels = [[STREAMS:[12]]]>
// REMARK: remark: [Analysis] ChooseSchedule
// REMARK-SAME: linear on x86-64-v4: #tile.schedule<width = 16, rows = 6, panels = 2, gemv_panels = 4> costs
tile.kernel @linear family(contraction) (%x: tensor<?x64x!nn.a8>, %w: tensor<32x64x!nn.q4_1, #tile.panels<16>>) -> tensor<?x32xf32> {
  %y = nn.linear %x, %w : tensor<?x64x!nn.a8>, tensor<32x64x!nn.q4_1, #tile.panels<16>> -> tensor<?x32xf32>
  tile.yield %y : tensor<?x32xf32>
}

// Rows of queries share the keys in registers.
// V4-LABEL: tile.kernel @attention
// V4-SAME:    schedule = #tile.schedule<width = 16, kv_block = 64, query_rows = 6>
// V3-LABEL: tile.kernel @attention
// V3-SAME:    schedule = #tile.schedule<width = 16, kv_block = 64, query_rows = 1>
tile.kernel @attention family(attention) (%q: tensor<?x4x16xf32>, %k: tensor<?x4x16xf32>, %v: tensor<?x4x16xf32>) -> tensor<?x4x16xf32> {
  %r = nn.attention %q, %k, %v {scale = 0.25 : f32} : tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x4x16xf32> -> tensor<?x4x16xf32>
  tile.yield %r : tensor<?x4x16xf32>
}

// A schedule that is there already is kept.
// V4-LABEL: tile.kernel @kept
// V4-SAME:    schedule = #tile.schedule<width = 16, rows = 1, panels = 1, gemv_panels = 1>
tile.kernel @kept family(contraction) (%x: tensor<?x4xf32>, %w: tensor<16x4xf32, #tile.panels<16>>) -> tensor<?x16xf32>
    attributes {schedule = #tile.schedule<width = 16, rows = 1, panels = 1, gemv_panels = 1>} {
  %y = nn.linear %x, %w : tensor<?x4xf32>, tensor<16x4xf32, #tile.panels<16>> -> tensor<?x16xf32>
  tile.yield %y : tensor<?x16xf32>
}
