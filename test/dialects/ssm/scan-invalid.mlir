// RUN: tenon-opt %s --split-input-file --verify-diagnostics

func.func @scan_c1(%x: tensor<4x2xf32>, %z: tensor<3x2xf32>) {
  // expected-error @below {{expects a sequence, and as many rows of every sequence and output}}
  %y = ssm.scan sequences(%x, %z : tensor<4x2xf32>, tensor<3x2xf32>) -> (tensor<4x2xf32>) {
  ^bb0(%a: tensor<1x2xf32>, %b: tensor<1x2xf32>):
    ssm.yield outputs(%a : tensor<1x2xf32>)
  }
  return
}

// -----

func.func @scan_c2(%x: tensor<4x2xf32>) {
  // expected-error @below {{expects chunk to be at least 1, but got 0}}
  %y = ssm.scan chunk = 0 sequences(%x : tensor<4x2xf32>) -> (tensor<4x2xf32>) {
  ^bb0(%a: tensor<?x2xf32>):
    ssm.yield outputs(%a : tensor<?x2xf32>)
  }
  return
}

// -----

func.func @scan_c3(%x: tensor<4x2xf32>, %s: tensor<1x2xf32>) {
  // expected-error @below {{expects a region of arguments 'tensor<1x2xf32>', 'tensor<1x2xf32>', but got 'tensor<1x2xf32>'}}
  %y, %n = ssm.scan sequences(%x : tensor<4x2xf32>) states(%s : tensor<1x2xf32>) -> (tensor<4x2xf32>) next(tensor<1x2xf32>) {
  ^bb0(%a: tensor<1x2xf32>):
    ssm.yield outputs(%a : tensor<1x2xf32>) states(%a : tensor<1x2xf32>)
  }
  return
}

// -----

func.func @scan_c4(%x: tensor<4x2xf32>, %s: tensor<1x2xf32>) {
  // expected-error @below {{expects a region that yields outputs of 'tensor<1x2xf32>' and states of 'tensor<1x2xf32>'}}
  %y, %n = ssm.scan sequences(%x : tensor<4x2xf32>) states(%s : tensor<1x2xf32>) -> (tensor<4x2xf32>) next(tensor<1x2xf32>) {
  ^bb0(%a: tensor<1x2xf32>, %b: tensor<1x2xf32>):
    ssm.yield outputs(%a : tensor<1x2xf32>)
  }
  return
}

// -----

func.func @prefix_c1(%x: tensor<4x2xf32>, %z: tensor<3x2xf32>) {
  // expected-error @below {{expects an element, and as many rows of each}}
  %a, %b = ssm.prefix elements(%x, %z : tensor<4x2xf32>, tensor<3x2xf32>) {
  ^bb0(%0: tensor<?x2xf32>, %1: tensor<?x2xf32>, %2: tensor<?x2xf32>, %3: tensor<?x2xf32>):
    ssm.yield outputs(%0, %1 : tensor<?x2xf32>, tensor<?x2xf32>)
  }
  return
}

// -----

func.func @prefix_c2(%x: tensor<4x2xf32>) {
  // expected-error @below {{expects a region of arguments 'tensor<?x2xf32>', 'tensor<?x2xf32>', but got 'tensor<?x2xf32>'}}
  %a = ssm.prefix elements(%x : tensor<4x2xf32>) {
  ^bb0(%0: tensor<?x2xf32>):
    ssm.yield outputs(%0 : tensor<?x2xf32>)
  }
  return
}

// -----

func.func @prefix_c3(%x: tensor<4x2xf32>) {
  // expected-error @below {{expects a region that yields outputs of 'tensor<?x2xf32>' and no states}}
  %a = ssm.prefix elements(%x : tensor<4x2xf32>) {
  ^bb0(%0: tensor<?x2xf32>, %1: tensor<?x2xf32>):
    ssm.yield outputs(%0, %1 : tensor<?x2xf32>, tensor<?x2xf32>)
  }
  return
}
