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
  // expected-error @below {{expects a call to write slot 'kv0' once, but it does so again}}
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
// expected-error @below {{expects entry 'one_of_two', which uses state, to write every slot, but it does not write 'kv1'}}
func.func @one_of_two(%x: tensor<?x1x16xf32>) attributes {tenon.entry} {
  %c = cache.get @kv0 : !cache.kv<heads = 1, dim = 16, f16>
  cache.append %c, %x, %x : !cache.kv<heads = 1, dim = 16, f16>, tensor<?x1x16xf32>, tensor<?x1x16xf32>
  return
}

// -----

cache.declare @kv0 : !cache.kv<heads = 1, dim = 16, f16>
func.func @wrong_order(%x: tensor<?x1x16xf32>) attributes {tenon.entry} {
  %c = cache.get @kv0 : !cache.kv<heads = 1, dim = 16, f16>
  // expected-error @below {{expects slot 'kv0' to be read after it is written}}
  %k, %v = cache.view %c : !cache.kv<heads = 1, dim = 16, f16> -> tensor<?x1x16xf32>, tensor<?x1x16xf32>
  cache.append %c, %x, %x : !cache.kv<heads = 1, dim = 16, f16>, tensor<?x1x16xf32>, tensor<?x1x16xf32>
  // expected-error @below {{expects the length of slot 'kv0' to be read before it is written}}
  %n = cache.length %c : !cache.kv<heads = 1, dim = 16, f16> -> index
  // expected-error @below {{expects marks, rewinds and forks to be left to the runtime, but got cache.mark}}
  %m = cache.mark %c : !cache.kv<heads = 1, dim = 16, f16> -> !cache.mark
  return
}

// -----

// A recurrent slot is read, then replaced; its length may be asked at any time.
cache.declare @kv0 : !cache.kv<heads = 1, dim = 16, f16>
cache.declare @ssm0 : !cache.recurrent<16xf32>
func.func @hybrid(%x: tensor<?x1x16xf32>) -> index attributes {tenon.entry} {
  %c = cache.get @kv0 : !cache.kv<heads = 1, dim = 16, f16>
  %d = cache.get @ssm0 : !cache.recurrent<16xf32>
  cache.append %c, %x, %x : !cache.kv<heads = 1, dim = 16, f16>, tensor<?x1x16xf32>, tensor<?x1x16xf32>
  %s = cache.read %d : !cache.recurrent<16xf32> -> tensor<16xf32>
  %t = nn.add %s, %s : tensor<16xf32>, tensor<16xf32>
  cache.write %d, %t : !cache.recurrent<16xf32>, tensor<16xf32>
  %n = cache.length %d : !cache.recurrent<16xf32> -> index
  return %n : index
}

// -----

cache.declare @ssm0 : !cache.recurrent<16xf32>
func.func @wrong_state(%x: tensor<16xf32>) attributes {tenon.entry} {
  %d = cache.get @ssm0 : !cache.recurrent<16xf32>
  cache.write %d, %x : !cache.recurrent<16xf32>, tensor<16xf32>
  // expected-error @below {{expects slot 'ssm0' to be read before it is written}}
  %s = cache.read %d : !cache.recurrent<16xf32> -> tensor<16xf32>
  // expected-error @below {{expects a call to write slot 'ssm0' once, but it does so again}}
  cache.write %d, %s : !cache.recurrent<16xf32>, tensor<16xf32>
  return
}

// -----

cache.declare @ssm0 : !cache.recurrent<16xf32>
// expected-error @below {{expects entry 'reads_only', which uses state, to write every slot, but it does not write 'ssm0'}}
func.func @reads_only() -> tensor<16xf32> attributes {tenon.entry} {
  %d = cache.get @ssm0 : !cache.recurrent<16xf32>
  %s = cache.read %d : !cache.recurrent<16xf32> -> tensor<16xf32>
  return %s : tensor<16xf32>
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
