// RUN: tenon-opt %s --tenon-outline-kernels --mlir-print-debuginfo --mlir-print-local-scope | FileCheck %s

// Two groups of the same text are one kernel, named by its ops and its hash, located where both are; one with another eps is another.
// CHECK:      tile.kernel @[[SAME:rms_norm_neg_[0-9a-f]+]] family(rowwise) (%{{.*}}: tensor<?x64xf32>{{.*}}, %{{.*}}: tensor<64xf32>{{.*}}) -> tensor<?x64xf32>
// CHECK:      } loc(fused["attn_norm", "ffn_norm"])
// CHECK:      tile.kernel @[[OTHER:rms_norm_neg_[0-9a-f]+]] family(rowwise)
// CHECK-NOT:  tile.kernel
// CHECK:      func.func @layers
// CHECK:      %[[A:.*]] = tile.launch @[[SAME]](%{{.*}}, %{{.*}}) : (tensor<?x64xf32>, tensor<64xf32>) -> tensor<?x64xf32> loc("attn_norm")
// CHECK:      %[[B:.*]] = tile.launch @[[SAME]](%[[A]], %{{.*}}) : (tensor<?x64xf32>, tensor<64xf32>) -> tensor<?x64xf32> loc("ffn_norm")
// CHECK:      tile.launch @[[OTHER]](%[[B]], %{{.*}})
func.func @layers(%x: tensor<?x64xf32>, %w: tensor<64xf32>) -> tensor<?x64xf32> {
  %a = tile.group family(rowwise) (%x, %w) : (tensor<?x64xf32>, tensor<64xf32>) -> tensor<?x64xf32> {
  ^bb0(%y: tensor<?x64xf32>, %v: tensor<64xf32>):
    %n = nn.rms_norm %y, %v eps = 1.0e-5 : tensor<?x64xf32>, tensor<64xf32>
    %m = nn.neg %n : tensor<?x64xf32>
    tile.yield %m : tensor<?x64xf32>
  } loc("attn_norm")
  %b = tile.group family(rowwise) (%a, %w) : (tensor<?x64xf32>, tensor<64xf32>) -> tensor<?x64xf32> {
  ^bb0(%other: tensor<?x64xf32>, %names: tensor<64xf32>):
    %n = nn.rms_norm %other, %names eps = 1.0e-5 : tensor<?x64xf32>, tensor<64xf32>
    %m = nn.neg %n : tensor<?x64xf32>
    tile.yield %m : tensor<?x64xf32>
  } loc("ffn_norm")
  %c = tile.group family(rowwise) (%b, %w) : (tensor<?x64xf32>, tensor<64xf32>) -> tensor<?x64xf32> {
  ^bb0(%y: tensor<?x64xf32>, %v: tensor<64xf32>):
    %n = nn.rms_norm %y, %v eps = 1.0e-6 : tensor<?x64xf32>, tensor<64xf32>
    %m = nn.neg %n : tensor<?x64xf32>
    tile.yield %m : tensor<?x64xf32>
  }
  return %c : tensor<?x64xf32>
}
