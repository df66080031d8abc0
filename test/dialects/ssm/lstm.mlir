// RUN: tenon-opt %s --tenon-verify-recurrences=lengths=0,1,7,33 -o /dev/null 2>&1 | FileCheck %s
// CHECK: ssm.scan at
// CHECK: step            1 {{.*}} 0.0e+00
// CHECK: sequential      1 {{.*}} 0.0e+00

// An LSTM layer as torch has it: gates in the order input, forget, cell, output. TorchTest compares it with torch's numbers.
func.func @lstm(%x: tensor<?x3xf32>, %wi: tensor<16x3xf32>, %wh: tensor<16x4xf32>, %bi: tensor<16xf32>, %bh: tensor<16xf32>,
                %h0: tensor<1x4xf32>, %c0: tensor<1x4xf32>) -> (tensor<?x4xf32>, tensor<1x4xf32>, tensor<1x4xf32>) {
  %y, %h, %c = ssm.scan sequences(%x : tensor<?x3xf32>)
      fixed(%wi, %wh, %bi, %bh : tensor<16x3xf32>, tensor<16x4xf32>, tensor<16xf32>, tensor<16xf32>)
      states(%h0, %c0 : tensor<1x4xf32>, tensor<1x4xf32>) -> (tensor<?x4xf32>) next(tensor<1x4xf32>, tensor<1x4xf32>) {
  ^bb0(%row: tensor<1x3xf32>, %w: tensor<16x3xf32>, %u: tensor<16x4xf32>, %b: tensor<16xf32>, %d: tensor<16xf32>, %hs: tensor<1x4xf32>,
       %cs: tensor<1x4xf32>):
    %0 = nn.linear %row, %w, bias %b : tensor<1x3xf32>, tensor<16x3xf32>, tensor<16xf32> -> tensor<1x16xf32>
    %1 = nn.linear %hs, %u, bias %d : tensor<1x4xf32>, tensor<16x4xf32>, tensor<16xf32> -> tensor<1x16xf32>
    %gates = nn.add %0, %1 : tensor<1x16xf32>, tensor<1x16xf32>
    %ai = nn.slice %gates dim = 1 start = 0 size = 4 : tensor<1x16xf32> -> tensor<1x4xf32>
    %af = nn.slice %gates dim = 1 start = 4 size = 4 : tensor<1x16xf32> -> tensor<1x4xf32>
    %ag = nn.slice %gates dim = 1 start = 8 size = 4 : tensor<1x16xf32> -> tensor<1x4xf32>
    %ao = nn.slice %gates dim = 1 start = 12 size = 4 : tensor<1x16xf32> -> tensor<1x4xf32>
    %i = nn.sigmoid %ai : tensor<1x4xf32>
    %f = nn.sigmoid %af : tensor<1x4xf32>
    %g = nn.tanh %ag : tensor<1x4xf32>
    %o = nn.sigmoid %ao : tensor<1x4xf32>
    %kept = nn.mul %f, %cs : tensor<1x4xf32>, tensor<1x4xf32>
    %fresh = nn.mul %i, %g : tensor<1x4xf32>, tensor<1x4xf32>
    %cn = nn.add %kept, %fresh : tensor<1x4xf32>, tensor<1x4xf32>
    %seen = nn.tanh %cn : tensor<1x4xf32>
    %hn = nn.mul %o, %seen : tensor<1x4xf32>, tensor<1x4xf32>
    ssm.yield outputs(%hn : tensor<1x4xf32>) states(%hn, %cn : tensor<1x4xf32>, tensor<1x4xf32>)
  }
  return %y, %h, %c : tensor<?x4xf32>, tensor<1x4xf32>, tensor<1x4xf32>
}
