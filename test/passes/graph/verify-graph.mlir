// RUN: tenon-opt %s --split-input-file --verify-diagnostics --tenon-verify-graph

// What a frontend writes passes.
nn.param @w : tensor<64x64xf32> from "model.gguf" at 0
cache.declare @kv0 : !cache.kv<heads = 1, dim = 64, f16>
func.func private @block(%x: tensor<?x64xf32>, %w: tensor<64x64xf32>) -> tensor<?x64xf32> {
  %y = nn.linear %x, %w : tensor<?x64xf32>, tensor<64x64xf32> -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}
func.func @forward(%x: tensor<?x64xf32>) -> tensor<?x64xf32> attributes {tenon.entry} {
  %w = nn.get_param @w : tensor<64x64xf32>
  %y = call @block(%x, %w) : (tensor<?x64xf32>, tensor<64x64xf32>) -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}

// -----

// expected-error @below {{expects at least one function with the attribute tenon.entry}}
module {
  func.func @no_entry(%x: tensor<?x64xf32>) -> tensor<?x64xf32> {
    return %x : tensor<?x64xf32>
  }
}

// -----

func.func @foreign_op(%x: tensor<?x64xf32>) -> tensor<?x64xf32> attributes {tenon.entry} {
  // expected-error @below {{expects an op of the graph, but got math.exp}}
  %y = math.exp %x : tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}

// -----

// expected-error @below {{expects only the first dimension to be dynamic, but got 'tensor<?x?xf32>'}}
func.func @two_dynamic(%x: tensor<?x?xf32>) -> tensor<?x?xf32> attributes {tenon.entry} {
  return %x : tensor<?x?xf32>
}

// -----

func.func @packed(%x: tensor<?x64xf32>) -> tensor<?x64xf32> attributes {tenon.entry} {
  // expected-error @below {{expects a tensor without a layout, but got 'tensor<64x64xf32, #tile.panels<16>>'}}
  %w = nn.get_param @w : tensor<64x64xf32, #tile.panels<16>>
  return %x : tensor<?x64xf32>
}
// A parameter's own type is checked where it is got.
nn.param @w : tensor<64x64xf32, #tile.panels<16>> from "model.gguf" at 0

// -----

// expected-error @below {{expects function 'declared' to have a body}}
func.func private @declared(tensor<?x64xf32>) -> tensor<?x64xf32>
func.func @calls(%x: tensor<?x64xf32>) -> tensor<?x64xf32> attributes {tenon.entry} {
  %y = call @declared(%x) : (tensor<?x64xf32>) -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}

// -----

func.func private @a(%x: tensor<?x64xf32>) -> tensor<?x64xf32> {
  // expected-error @below {{expects calls that do not recurse, but 'b' comes to call itself}}
  %y = call @b(%x) : (tensor<?x64xf32>) -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}
func.func @b(%x: tensor<?x64xf32>) -> tensor<?x64xf32> attributes {tenon.entry} {
  // expected-error @below {{expects calls that do not recurse, but 'a' comes to call itself}}
  %y = call @a(%x) : (tensor<?x64xf32>) -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}

// -----

// expected-error @below {{expects entry 'takes_slot' to take and give tensors of numbers, but got '!cache.kv<heads = 1, dim = 64, f16>'}}
func.func @takes_slot(%x: tensor<?x64xf32>, %c: !cache.kv<heads = 1, dim = 64, f16>) -> tensor<?x64xf32> attributes {tenon.entry} {
  return %x : tensor<?x64xf32>
}

// -----

// expected-error @below {{expects the first input of entry 'tokens_second' to be the tokens}}
func.func @tokens_second(%w: tensor<64xf32>, %x: tensor<?x64xf32>) -> tensor<?x64xf32> attributes {tenon.entry} {
  return %x : tensor<?x64xf32>
}

// -----

// expected-error @below {{expects parameters, state slots, generate loops and functions at the module's level, but got tile.kernel}}
tile.kernel @early family(rowwise) () {
  tile.yield
}
func.func @entry() attributes {tenon.entry} {
  return
}

// -----

func.func @longer(%x: tensor<?x64xf32>, %y: tensor<2x64xf32>) -> tensor<?x64xf32> attributes {tenon.entry} {
  // expected-error @below {{expects a dynamic dimension to be the number of tokens, but nn.concat makes a longer one}}
  %z = nn.concat %x, %y dim = 0 : tensor<?x64xf32>, tensor<2x64xf32> -> tensor<?x64xf32>
  return %z : tensor<?x64xf32>
}

// -----

func.func @split_rows(%x: tensor<?x64xf32>) -> tensor<?x32xf32> attributes {tenon.entry} {
  // expected-error @below {{expects a dynamic dimension to be the number of tokens, but nn.reshape makes another number of rows}}
  %y = nn.reshape %x : tensor<?x64xf32> to tensor<?x32xf32>
  return %y : tensor<?x32xf32>
}

// -----

// expected-error @below {{expects a tensor of at most 2^48 elements, but got 'tensor<1048576x1048576x1048576xf32>'}}
func.func @too_large(%x: tensor<1048576x1048576x1048576xf32>) attributes {tenon.entry} {
  return
}

// -----

// A step's end belongs to its scan.
func.func @step(%x: tensor<?x64xf32>, %s: tensor<1x64xf32>) -> tensor<?x64xf32> attributes {tenon.entry} {
  %y, %next = ssm.scan sequences(%x : tensor<?x64xf32>) states(%s : tensor<1x64xf32>)
      -> (tensor<?x64xf32>) next(tensor<1x64xf32>) {
  ^bb0(%row: tensor<1x64xf32>, %state: tensor<1x64xf32>):
    %sum = nn.add %state, %row : tensor<1x64xf32>, tensor<1x64xf32>
    ssm.yield outputs(%sum : tensor<1x64xf32>) states(%sum : tensor<1x64xf32>)
  }
  return %y : tensor<?x64xf32>
}
