// A model that counts: the logits are largest at the token after the last one, and 5 ends.
// RUN: tenon-interp %s --tokens=0,1 --print-tokens | FileCheck %s --check-prefix=ALL
// RUN: tenon-interp %s --tokens=1 --max-tokens=2 --print-tokens | FileCheck %s --check-prefix=TWO
// RUN: tenon-interp %s --tokens=4 --print-tokens | FileCheck %s --check-prefix=NONE
// RUN: not tenon-interp %s --tokens=9 --print-tokens 2>&1 | FileCheck %s --check-prefix=OUTSIDE

// ALL: {{^}}2,3,4{{$}}
// TWO: {{^}}2,3{{$}}
// NONE: {{^$}}
// OUTSIDE: expects tokens of at least 0 and less than 6, but got 9
module attributes {tenon.context = 16 : i64} {
  func.func @next(%tokens: tensor<?xi32>) -> tensor<1x6xf32> attributes {tenon.entry} {
    %table = nn.constant dense<[[0.0, 1.0, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0, 0.0, 0.0],
                                [0.0, 0.0, 0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0, 1.0, 0.0],
                                [0.0, 0.0, 0.0, 0.0, 0.0, 1.0], [1.0, 0.0, 0.0, 0.0, 0.0, 0.0]]> : tensor<6x6xf32>
    %rows = nn.embedding %tokens, %table : tensor<?xi32>, tensor<6x6xf32> -> tensor<?x6xf32>
    %last = nn.slice %rows dim = 0 start = -1 size = 1 : tensor<?x6xf32> -> tensor<1x6xf32>
    return %last : tensor<1x6xf32>
  }

  decode.generate @generate step @next eos [5] {
  ^bb0(%logits: tensor<1x6xf32>, %uniform: tensor<1xf32>):
    %t = decode.greedy %logits : tensor<1x6xf32> -> tensor<1xi32>
    decode.yield %t : tensor<1xi32>
  }
}
