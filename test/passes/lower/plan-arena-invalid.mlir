// RUN: tenon-opt %s --split-input-file --verify-diagnostics --tenon-plan-arena

func.func @next(%x: tensor<?x64xf32>) -> tensor<?x64xf32> attributes {tenon.entry} {
  // expected-error @below {{expects results that a launch or a call makes}}
  return %x : tensor<?x64xf32>
}

// -----

func.func private @k(index, index, index, index, memref<?x64xf32>, memref<?x64xf32>) attributes {tenon.kernel}

func.func @next(%x: tensor<?x64xf32>) -> (tensor<?x64xf32>, tensor<?x64xf32>) attributes {tenon.entry} {
  %y = tile.launch @k(%x) : (tensor<?x64xf32>) -> tensor<?x64xf32>
  // expected-error @below {{expects each result once}}
  return %y, %y : tensor<?x64xf32>, tensor<?x64xf32>
}

// -----

// expected-error @below {{expects host functions that do not call themselves}}
func.func private @loop(%x: tensor<?x64xf32>) -> tensor<?x64xf32> {
  %y = func.call @loop(%x) : (tensor<?x64xf32>) -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}

// -----

func.func private @k(index, index, index, index) attributes {tenon.kernel}

func.func @next(%x: tensor<?x64xf32>) -> tensor<?x64xf32> attributes {tenon.entry} {
  // expected-error @below {{expects results whose size is affine in the number of tokens, but got 'tensor<?x?xf32>'}}
  %a = tile.launch @k(%x) : (tensor<?x64xf32>) -> tensor<?x?xf32>
  %y = tile.launch @k(%a) : (tensor<?x?xf32>) -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}
