// RUN: tenon-opt %s | tenon-opt | FileCheck %s

func.func private @next(tensor<?xi32>) -> tensor<1x256xf32>

// The region chooses a token from the step's logits.
// CHECK: decode.generate @generate step @next eos [0, 2] {
// CHECK-NEXT: ^bb0(%[[L:.*]]: tensor<1x256xf32>, %{{.*}}: tensor<1xf32>):
// CHECK-NEXT: %[[T:.*]] = decode.greedy %[[L]]
// CHECK-NEXT: decode.yield %[[T]] : tensor<1xi32>
decode.generate @generate step @next eos [0, 2] {
^bb0(%logits: tensor<1x256xf32>, %uniform: tensor<1xf32>):
  %t = decode.greedy %logits : tensor<1x256xf32> -> tensor<1xi32>
  decode.yield %t : tensor<1xi32>
}
