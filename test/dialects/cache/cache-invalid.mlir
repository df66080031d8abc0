// RUN: tenon-opt %s --split-input-file --verify-diagnostics

// expected-error @below {{expects positive heads and dim, but got 0 and 64}}
func.func private @kv_c1(!cache.kv<heads = 0, dim = 64, f16>)

// -----

// expected-error @below {{expects f32 or f16 elements, but got 'bf16'}}
func.func private @kv_c2(!cache.kv<heads = 3, dim = 64, bf16>)

// -----

module @declare_c1 {
  // expected-error @below {{expects a slot type, but got 'f32'}}
  cache.declare @kv0 : f32
}

// -----

func.func @get_c1() {
  // expected-error @below {{expects @kv0 to be a cache.declare}}
  %c = cache.get @kv0 : !cache.kv<heads = 3, dim = 64, f16>
  return
}

// -----

// expected-note @below {{the slot is declared here}}
cache.declare @kv0 : !cache.kv<heads = 3, dim = 64, f32>
func.func @get_c2() {
  // expected-error @below {{expects the slot's type '!cache.kv<heads = 3, dim = 64, f32>', but got '!cache.kv<heads = 3, dim = 64, f16>'}}
  %c = cache.get @kv0 : !cache.kv<heads = 3, dim = 64, f16>
  return
}

// -----

func.func @append_c1(%c: !cache.kv<heads = 3, dim = 64, f16>, %k: tensor<?x3x32xf32>) {
  // expected-error @below {{expects keys and values of 3 heads of 64 elements, but got 'tensor<?x3x32xf32>'}}
  cache.append %c, %k, %k : !cache.kv<heads = 3, dim = 64, f16>, tensor<?x3x32xf32>, tensor<?x3x32xf32>
  return
}

// -----

func.func @append_c2(%c: !cache.kv<heads = 3, dim = 64, f16>, %k: tensor<4x3x64xf32>, %v: tensor<5x3x64xf32>) {
  // expected-error @below {{expects as many values as keys, but got 'tensor<5x3x64xf32>' and 'tensor<4x3x64xf32>'}}
  cache.append %c, %k, %v : !cache.kv<heads = 3, dim = 64, f16>, tensor<4x3x64xf32>, tensor<5x3x64xf32>
  return
}

// -----

func.func @view_c1(%c: !cache.kv<heads = 3, dim = 64, f16>) {
  // expected-error @below {{expects keys and values of type 'tensor<?x3x64xf32>', but got 'tensor<4x3x64xf32>'}}
  %k, %v = cache.view %c : !cache.kv<heads = 3, dim = 64, f16> -> tensor<4x3x64xf32>, tensor<4x3x64xf32>
  return
}

// -----

// expected-error @below {{expects latent to be at least 0 and at most 64, but got 65}}
func.func private @kv_c3(!cache.kv<heads = 1, dim = 64, f16, latent = 65>)

// -----

func.func @append_c3(%c: !cache.kv<heads = 1, dim = 64, f16, latent = 48>, %k: tensor<?x1x64xf32>) {
  // expected-error @below {{expects no values for a latent slot}}
  cache.append %c, %k, %k : !cache.kv<heads = 1, dim = 64, f16, latent = 48>, tensor<?x1x64xf32>, tensor<?x1x64xf32>
  return
}

// -----

func.func @append_c3_missing(%c: !cache.kv<heads = 3, dim = 64, f16>, %k: tensor<?x3x64xf32>) {
  // expected-error @below {{expects values as well as keys}}
  cache.append %c, %k : !cache.kv<heads = 3, dim = 64, f16>, tensor<?x3x64xf32>
  return
}
