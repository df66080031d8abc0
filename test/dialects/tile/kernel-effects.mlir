// RUN: tenon-opt %s --cse --canonicalize | FileCheck %s

tile.kernel @neg_0 family(rowwise) (%x: tensor<?x64xf32>) -> tensor<?x64xf32> {
  %y = nn.neg %x : tensor<?x64xf32>
  tile.yield %y : tensor<?x64xf32>
}
tile.kernel @append_0 family(rowwise) (%c: !cache.kv<heads = 1, dim = 16, f16>, %k: tensor<?x1x16xf32>) {
  cache.append %c, %k, %k : !cache.kv<heads = 1, dim = 16, f16>, tensor<?x1x16xf32>, tensor<?x1x16xf32>
  tile.yield
}

// A launch without slots is a pure function of its operands: equal ones are one, unused ones go.
// CHECK-LABEL: func.func @pure
func.func @pure(%x: tensor<?x64xf32>) -> tensor<?x64xf32> {
  // CHECK-COUNT-1: tile.launch @neg_0
  // CHECK-NOT: tile.launch
  %a = tile.launch @neg_0(%x) : (tensor<?x64xf32>) -> tensor<?x64xf32>
  %b = tile.launch @neg_0(%x) : (tensor<?x64xf32>) -> tensor<?x64xf32>
  %unused = tile.launch @neg_0(%a) : (tensor<?x64xf32>) -> tensor<?x64xf32>
  %c = nn.add %a, %b : tensor<?x64xf32>, tensor<?x64xf32>
  return %c : tensor<?x64xf32>
}

// One that takes a slot stays, twice if it stands there twice.
// CHECK-LABEL: func.func @stateful
func.func @stateful(%c: !cache.kv<heads = 1, dim = 16, f16>, %k: tensor<?x1x16xf32>) {
  // CHECK-COUNT-2: tile.launch @append_0
  tile.launch @append_0(%c, %k) : (!cache.kv<heads = 1, dim = 16, f16>, tensor<?x1x16xf32>) -> ()
  tile.launch @append_0(%c, %k) : (!cache.kv<heads = 1, dim = 16, f16>, tensor<?x1x16xf32>) -> ()
  return
}
