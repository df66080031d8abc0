//===- CausalConv.td - short convolutions and shifts along a sequence ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_DIALECTS_SSM_CAUSALCONV
#define TENON_DIALECTS_SSM_CAUSALCONV

include "tenon/dialects/ssm/Dialect.td"

def SSM_CausalConvOp : SSM_Recurrence<"causal_conv", "causal convolution of each channel with a few taps",
    "x: T C; w: C K; bias: C; state: K-1 C", ["buildChunk"]> {
  let description = [{
    `result[t, c] = bias[c] + sum_j w[c, j] x[t - (K-1) + j, c]`. Rows before the first are the state's, whose last row is t = -1; the next
    state is the last K-1 rows of state and input.

  }] # shapeConstraints # [{
    Example (test/dialects/ssm/causal-conv.mlir):

    ```mlir
    %y, %next = ssm.causal_conv %x, %w bias %b state %s : tensor<?x64xf32>, tensor<64x4xf32>, tensor<64xf32>, tensor<3x64xf32>
    ```

    Lowers into a scan kernel.
  }];
  let arguments = (ins NN_F32Tensor:$x, NN_FloatTensor:$w, Optional<NN_FloatTensor>:$bias, NN_F32Tensor:$state);
  let assemblyFormat = "$x `,` $w (`bias` $bias^)? `state` $state attr-dict `:` type(operands)";
}

def SSM_ShiftOp : SSM_Recurrence<"shift", "each row where the next one was", "x: T C; state: 1 C"> {
  let description = [{
    `result[t] = x[t-1]` and `result[0] = state[0]`; the next state is the last row of `x`.

  }] # shapeConstraints # [{
    Example (test/dialects/ssm/causal-conv.mlir):

    ```mlir
    %y, %next = ssm.shift %x state %s : tensor<?x64xf32>, tensor<1x64xf32>
    ```

    Lowers into a scan kernel.
  }];
  let arguments = (ins NN_F32Tensor:$x, NN_F32Tensor:$state);
  let assemblyFormat = "$x `state` $state attr-dict `:` type(operands)";
}

#endif // TENON_DIALECTS_SSM_CAUSALCONV
