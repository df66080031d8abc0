// RUN: tenon-opt %s --split-input-file --verify-diagnostics

module @generate_c1 {
  // expected-error @below {{expects @next to be a function}}
  decode.generate @generate step @next eos [] {
  ^bb0(%logits: tensor<1x256xf32>, %uniform: tensor<1xf32>):
    %t = decode.greedy %logits : tensor<1x256xf32> -> tensor<1xi32>
    decode.yield %t : tensor<1xi32>
  }
}

// -----

module @generate_c1_type {
  func.func private @next(tensor<?xi32>) -> tensor<?x256xf32>
  // expected-error @below {{expects the step to map tensor<?xi32> to logits of one row, but got '(tensor<?xi32>) -> tensor<?x256xf32>'}}
  decode.generate @generate step @next eos [] {
  ^bb0(%logits: tensor<1x256xf32>, %uniform: tensor<1xf32>):
    %t = decode.greedy %logits : tensor<1x256xf32> -> tensor<1xi32>
    decode.yield %t : tensor<1xi32>
  }
}

// -----

module @generate_c2 {
  func.func private @next(tensor<?xi32>) -> tensor<1x256xf32>
  // expected-error @below {{expects the region to take the step's logits 'tensor<1x256xf32>', but got 'tensor<1x255xf32>'}}
  decode.generate @generate step @next eos [] {
  ^bb0(%logits: tensor<1x255xf32>, %uniform: tensor<1xf32>):
    %t = decode.greedy %logits : tensor<1x255xf32> -> tensor<1xi32>
    decode.yield %t : tensor<1xi32>
  }
}

// -----

module @generate_c2_yield {
  func.func private @next(tensor<?xi32>) -> tensor<1x256xf32>
  // expected-error @below {{expects a region that takes logits and tensor<1xf32> and yields tensor<1xi32>}}
  decode.generate @generate step @next eos [] {
  ^bb0(%logits: tensor<1x256xf32>):
    %t = decode.greedy %logits : tensor<1x256xf32> -> tensor<1xi32>
    decode.yield %t : tensor<1xi32>
  }
}
