// RUN: tenon-opt %s --split-input-file --verify-diagnostics --tenon-verify-program

// Each layer appends to its slot once, then reads it; the length is read first.
cache.declare @kv0 : !cache.kv<heads = 1, dim = 16, f16>
cache.declare @kv1 : !cache.kv<heads = 1, dim = 16, f16>
func.func private @block(%x: tensor<?x1x16xf32>, %c: !cache.kv<heads = 1, dim = 16, f16>) -> tensor<?x1x16xf32> {
  cache.append %c, %x, %x : !cache.kv<heads = 1, dim = 16, f16>, tensor<?x1x16xf32>, tensor<?x1x16xf32>
  %k, %v = cache.view %c : !cache.kv<heads = 1, dim = 16, f16> -> tensor<?x1x16xf32>, tensor<?x1x16xf32>
  %y = nn.attention %x, %k, %v {scale = 1.0 : f32, causal}
      : tensor<?x1x16xf32>, tensor<?x1x16xf32>, tensor<?x1x16xf32> -> tensor<?x1x16xf32>
  return %y : tensor<?x1x16xf32>
}
func.func @forward(%x: tensor<?x1x16xf32>) -> tensor<?x1x16xf32> attributes {tenon.entry} {
  %c0 = cache.get @kv0 : !cache.kv<heads = 1, dim = 16, f16>
  %c1 = cache.get @kv1 : !cache.kv<heads = 1, dim = 16, f16>
  %n = cache.length %c0 : !cache.kv<heads = 1, dim = 16, f16> -> index
  %y = call @block(%x, %c0) : (tensor<?x1x16xf32>, !cache.kv<heads = 1, dim = 16, f16>) -> tensor<?x1x16xf32>
  %z = call @block(%y, %c1) : (tensor<?x1x16xf32>, !cache.kv<heads = 1, dim = 16, f16>) -> tensor<?x1x16xf32>
  return %z : tensor<?x1x16xf32>
}

// -----

cache.declare @kv0 : !cache.kv<heads = 1, dim = 16, f16>
func.func private @append(%x: tensor<?x1x16xf32>, %c: !cache.kv<heads = 1, dim = 16, f16>) {
  // expected-error @below {{expects a call to append once to slot 'kv0', but it does so again}}
  cache.append %c, %x, %x : !cache.kv<heads = 1, dim = 16, f16>, tensor<?x1x16xf32>, tensor<?x1x16xf32>
  return
}
func.func @twice(%x: tensor<?x1x16xf32>) attributes {tenon.entry} {
  %c = cache.get @kv0 : !cache.kv<heads = 1, dim = 16, f16>
  call @append(%x, %c) : (tensor<?x1x16xf32>, !cache.kv<heads = 1, dim = 16, f16>) -> ()
  call @append(%x, %c) : (tensor<?x1x16xf32>, !cache.kv<heads = 1, dim = 16, f16>) -> ()
  return
}

// -----

cache.declare @kv0 : !cache.kv<heads = 1, dim = 16, f16>
cache.declare @kv1 : !cache.kv<heads = 1, dim = 16, f16>
// expected-error @below {{expects entry 'one_of_two', which uses state, to append to every slot, but it does not to 'kv1'}}
func.func @one_of_two(%x: tensor<?x1x16xf32>) attributes {tenon.entry} {
  %c = cache.get @kv0 : !cache.kv<heads = 1, dim = 16, f16>
  cache.append %c, %x, %x : !cache.kv<heads = 1, dim = 16, f16>, tensor<?x1x16xf32>, tensor<?x1x16xf32>
  return
}

// -----

cache.declare @kv0 : !cache.kv<heads = 1, dim = 16, f16>
func.func @wrong_order(%x: tensor<?x1x16xf32>) attributes {tenon.entry} {
  %c = cache.get @kv0 : !cache.kv<heads = 1, dim = 16, f16>
  // expected-error @below {{expects slot 'kv0' to be read after it is appended to}}
  %k, %v = cache.view %c : !cache.kv<heads = 1, dim = 16, f16> -> tensor<?x1x16xf32>, tensor<?x1x16xf32>
  cache.append %c, %x, %x : !cache.kv<heads = 1, dim = 16, f16>, tensor<?x1x16xf32>, tensor<?x1x16xf32>
  // expected-error @below {{expects the length of slot 'kv0' to be read before it is appended to}}
  %n = cache.length %c : !cache.kv<heads = 1, dim = 16, f16> -> index
  // expected-error @below {{expects marks, rewinds and forks to be left to the runtime, but got cache.mark}}
  %m = cache.mark %c : !cache.kv<heads = 1, dim = 16, f16> -> !cache.mark
  return
}

// -----

func.func private @step(%t: tensor<?xi32>) -> tensor<1x8xf32> {
  %y = nn.constant dense<0.0> : tensor<1x8xf32>
  return %y : tensor<1x8xf32>
}
// expected-error @below {{expects the step of a generate loop to be an entry, but got @step}}
decode.generate @generate step @step eos [2] {
^bb0(%logits: tensor<1x8xf32>, %uniform: tensor<1xf32>):
  %t = decode.greedy %logits : tensor<1x8xf32> -> tensor<1xi32>
  decode.yield %t : tensor<1xi32>
}
