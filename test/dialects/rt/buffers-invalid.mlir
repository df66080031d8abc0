// RUN: tenon-opt %s --split-input-file --verify-diagnostics

func.func @rt_input_c1(%call: !rt.call) {
  // expected-error @below {{expects a memref with the identity layout, but got}}
  %x = rt.input %call[0] : memref<4xf32, strided<[2]>>
  return
}

// -----

func.func @rt_input_c2(%call: !rt.call) {
  // expected-error @below {{expects 1 sizes for 'memref<?xi32>', but got 0}}
  %x = rt.input %call[0] : memref<?xi32>
  return
}

// -----

func.func @rt_input_c3(%call: !rt.call) {
  // expected-error @below {{expects an index of at least 0, but got -1}}
  %x = rt.input %call[-1] : memref<4xi32>
  return
}

// -----

func.func @rt_output_c1(%call: !rt.call) {
  // expected-error @below {{expects a memref with the identity layout, but got}}
  %x = rt.output %call[0] : memref<4xf32, strided<[2]>>
  return
}

// -----

func.func @rt_output_c2(%call: !rt.call, %n: index) {
  // expected-error @below {{expects 0 sizes for 'memref<4xf32>', but got 1}}
  %x = rt.output %call[0] (%n) : memref<4xf32>
  return
}

// -----

func.func @rt_output_c3(%call: !rt.call) {
  // expected-error @below {{expects an index of at least 0, but got -2}}
  %x = rt.output %call[-2] : memref<4xf32>
  return
}

// -----

func.func @rt_state_c1(%call: !rt.call) {
  // expected-error @below {{expects a memref with the identity layout, but got}}
  %x = rt.state %call[0] : memref<4xi8, strided<[2]>>
  return
}

// -----

func.func @rt_state_c2(%call: !rt.call) {
  // expected-error @below {{expects 1 sizes for 'memref<?xi8>', but got 0}}
  %x = rt.state %call[0] : memref<?xi8>
  return
}

// -----

func.func @rt_state_c3(%call: !rt.call) {
  // expected-error @below {{expects an index of at least 0, but got -1}}
  %x = rt.state %call[-1] : memref<4xi8>
  return
}

// -----

func.func @rt_weight_c1(%call: !rt.call) {
  // expected-error @below {{expects a memref with the identity layout, but got}}
  %x = rt.weight %call @w at 0 : memref<4xi8, strided<[2]>>
  return
}

// -----

func.func @rt_weight_c2(%call: !rt.call) {
  // expected-error @below {{expects 1 sizes for 'memref<?xi8>', but got 0}}
  %x = rt.weight %call @w at 0 : memref<?xi8>
  return
}

// -----

func.func @rt_weight_c3(%call: !rt.call) {
  // expected-error @below {{expects an offset that is a multiple of 64, but got 32}}
  %x = rt.weight %call @w at 32 : memref<4xi8>
  return
}

// -----

func.func @rt_arena_c1(%call: !rt.call, %n: index) {
  // expected-error @below {{expects a memref with the identity layout, but got}}
  %x = rt.arena %call[%n] at <0 + 64 * tokens> for %n : memref<4xf32, strided<[2]>>
  return
}

// -----

func.func @rt_arena_c2(%call: !rt.call, %n: index) {
  // expected-error @below {{expects 1 sizes for 'memref<?xf32>', but got 0}}
  %x = rt.arena %call[%n] at <0 + 64 * tokens> for %n : memref<?xf32>
  return
}

// -----

func.func @rt_arena_c3(%call: !rt.call, %n: index) {
  // expected-error @below {{expects a place in multiples of 64, but got #rt.extent<4 + 64 * tokens>}}
  %x = rt.arena %call[%n] at <4 + 64 * tokens> for %n : memref<4xf32>
  return
}

// -----

func.func @rt_frame_c1(%n: index) {
  // expected-error @below {{expects a place in multiples of 64, but got #rt.extent<0 + 4 * tokens>}}
  %x = rt.frame %n at <0 + 4 * tokens> for %n
  return
}

// -----

func.func @rt_extent(%n: index) {
  // expected-error @below {{expects an extent of at least 0 bytes, but got -64 + 0 * tokens}}
  %x = rt.frame %n at <-64 + 0 * tokens> for %n
  return
}
