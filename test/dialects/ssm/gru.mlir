// RUN: tenon-opt %s --tenon-verify-recurrences=lengths=0,1,7,33 -o /dev/null 2>&1 | FileCheck %s
// CHECK: ssm.scan at
// CHECK: step            1 {{.*}} 0.0e+00
// CHECK: sequential      1 {{.*}} 0.0e+00

// A GRU layer as torch has it: gates in the order reset, update, new. TorchTest compares it with torch's numbers.
func.func @gru(%x: tensor<?x3xf32>, %wi: tensor<12x3xf32>, %wh: tensor<12x4xf32>, %bi: tensor<12xf32>, %bh: tensor<12xf32>,
               %h0: tensor<1x4xf32>) -> (tensor<?x4xf32>, tensor<1x4xf32>) {
  %y, %h = ssm.scan sequences(%x : tensor<?x3xf32>)
      fixed(%wi, %wh, %bi, %bh : tensor<12x3xf32>, tensor<12x4xf32>, tensor<12xf32>, tensor<12xf32>)
      states(%h0 : tensor<1x4xf32>) -> (tensor<?x4xf32>) next(tensor<1x4xf32>) {
  ^bb0(%row: tensor<1x3xf32>, %w: tensor<12x3xf32>, %u: tensor<12x4xf32>, %b: tensor<12xf32>, %d: tensor<12xf32>, %hs: tensor<1x4xf32>):
    %0 = nn.linear %row, %w, bias %b : tensor<1x3xf32>, tensor<12x3xf32>, tensor<12xf32> -> tensor<1x12xf32>
    %1 = nn.linear %hs, %u, bias %d : tensor<1x4xf32>, tensor<12x4xf32>, tensor<12xf32> -> tensor<1x12xf32>
    %xr = nn.slice %0 dim = 1 start = 0 size = 4 : tensor<1x12xf32> -> tensor<1x4xf32>
    %xz = nn.slice %0 dim = 1 start = 4 size = 4 : tensor<1x12xf32> -> tensor<1x4xf32>
    %xn = nn.slice %0 dim = 1 start = 8 size = 4 : tensor<1x12xf32> -> tensor<1x4xf32>
    %hr = nn.slice %1 dim = 1 start = 0 size = 4 : tensor<1x12xf32> -> tensor<1x4xf32>
    %hz = nn.slice %1 dim = 1 start = 4 size = 4 : tensor<1x12xf32> -> tensor<1x4xf32>
    %hn = nn.slice %1 dim = 1 start = 8 size = 4 : tensor<1x12xf32> -> tensor<1x4xf32>
    %ar = nn.add %xr, %hr : tensor<1x4xf32>, tensor<1x4xf32>
    %az = nn.add %xz, %hz : tensor<1x4xf32>, tensor<1x4xf32>
    %r = nn.sigmoid %ar : tensor<1x4xf32>
    %z = nn.sigmoid %az : tensor<1x4xf32>
    %reset = nn.mul %r, %hn : tensor<1x4xf32>, tensor<1x4xf32>
    %an = nn.add %xn, %reset : tensor<1x4xf32>, tensor<1x4xf32>
    %n = nn.tanh %an : tensor<1x4xf32>
    // (1 - z) n + z h = n + z (h - n)
    %far = nn.sub %hs, %n : tensor<1x4xf32>, tensor<1x4xf32>
    %kept = nn.mul %z, %far : tensor<1x4xf32>, tensor<1x4xf32>
    %next = nn.add %n, %kept : tensor<1x4xf32>, tensor<1x4xf32>
    ssm.yield outputs(%next : tensor<1x4xf32>) states(%next : tensor<1x4xf32>)
  }
  return %y, %h : tensor<?x4xf32>, tensor<1x4xf32>
}
