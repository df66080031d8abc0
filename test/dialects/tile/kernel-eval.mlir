// RUN: tenon-interp %s --entry=grouped --input=0=2x4xf32=1,2,3,4,5,6,7,8 | FileCheck %s
// RUN: tenon-interp %s --entry=launched --input=0=2x4xf32=1,2,3,4,5,6,7,8 | FileCheck %s

// A group and a launch are evaluated by their regions.
// CHECK: output0=2x4xf32=-1,-2,-3,-4,-5,-6,-7,-8
func.func @grouped(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %y = tile.group family(rowwise) (%x) : (tensor<?x4xf32>) -> tensor<?x4xf32> {
  ^bb0(%a: tensor<?x4xf32>):
    %n = nn.neg %a : tensor<?x4xf32>
    tile.yield %n : tensor<?x4xf32>
  }
  return %y : tensor<?x4xf32>
}

tile.kernel @neg_0 family(rowwise) (%a: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %n = nn.neg %a : tensor<?x4xf32>
  tile.yield %n : tensor<?x4xf32>
}
func.func @launched(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %y = tile.launch @neg_0(%x) : (tensor<?x4xf32>) -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}
