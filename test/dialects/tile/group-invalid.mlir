// RUN: tenon-opt %s --split-input-file --verify-diagnostics

func.func @group_c1(%x: tensor<?x64xf32>) {
  // expected-error @below {{expects region arguments of the operands' types}}
  tile.group family(rowwise) (%x) : (tensor<?x64xf32>) -> () {
  ^bb0(%a: tensor<64xf32>):
    tile.yield
  }
  return
}

// -----

func.func @group_c2(%x: tensor<?x64xf32>) {
  %y = tile.group family(rowwise) (%x) : (tensor<?x64xf32>) -> tensor<?x32xf32> {
  ^bb0(%a: tensor<?x64xf32>):
    // expected-error @below {{expects values of the types ('tensor<?x32xf32>'), but got ('tensor<?x64xf32>')}}
    tile.yield %a : tensor<?x64xf32>
  }
  return
}
