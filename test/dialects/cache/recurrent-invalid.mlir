// RUN: tenon-opt %s --split-input-file --verify-diagnostics

// expected-error @below {{expects a shape of positive dimensions, but got [0, 64]}}
func.func private @recurrent_c1(!cache.recurrent<0x64xf32>)

// -----

// expected-error @below {{expects a shape of positive dimensions, but got []}}
func.func private @recurrent_c1_scalar(!cache.recurrent<f32>)

// -----

// expected-error @below {{expects f32 elements, but got 'f16'}}
func.func private @recurrent_c2(!cache.recurrent<16x64xf16>)

// -----

// expected-error @below {{expects at most 1099511627776 elements, but got the shape [4294967296, 4294967296]}}
func.func private @recurrent_c3(!cache.recurrent<4294967296x4294967296xf32>)

// -----

func.func @read_c1(%c: !cache.recurrent<16x64xf32>) {
  // expected-error @below {{expects a state of type 'tensor<16x64xf32>', but got 'tensor<64x16xf32>'}}
  %s = cache.read %c : !cache.recurrent<16x64xf32> -> tensor<64x16xf32>
  return
}

// -----

func.func @write_c1(%c: !cache.recurrent<16x64xf32>, %s: tensor<?x64xf32>) {
  // expected-error @below {{expects a state of type 'tensor<16x64xf32>', but got 'tensor<?x64xf32>'}}
  cache.write %c, %s : !cache.recurrent<16x64xf32>, tensor<?x64xf32>
  return
}
