//===- Lti.td - linear recurrences that do not change with time ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_DIALECTS_SSM_LTI
#define TENON_DIALECTS_SSM_LTI

include "tenon/dialects/ssm/Dialect.td"

def SSM_LtiOp : SSM_Recurrence<"lti", "diagonal state space whose step is the same for every row",
    "x: T C; decay: N C; phase: N C; b: 2 N C; c: 2 N C; skip: C; state: 2 N C",
    ["getLogDecayName", "buildChunk", "buildElements", "buildCombine", "buildApply"]> {
  let description = [{
    In each row, for each channel, `state[n] = exp(decay[n] + i phase[n]) state[n] + b[n] x[t]` and
    `result[t] = Re sum_n c[n] state[n] + skip x[t]`. Complex numbers are real parts and then imaginary ones along the first
    dimension. The transition is a discrete one: ssm.diagonal makes it of a continuous one. Of a pair of conjugates one is kept and `c`
    has twice its factor.

    It is the convolution with `kernel[l] = Re sum_n c[n] b[n] exp(l (decay[n] + i phase[n]))`, which `tenon-convolve-lti` makes of it.

  }] # shapeConstraints # [{
    * (C3) a constant decay is at most 0 throughout.

    Example (test/dialects/ssm/lti.mlir):

    ```mlir
    %y, %next = ssm.lti %x, %g, %p, %b, %c skip %d state %s : tensor<?x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<2x4x8xf32>,
        tensor<2x4x8xf32>, tensor<8xf32>, tensor<2x4x8xf32>
    ```

    Lowers to a scan kernel.
  }];
  let arguments = (ins NN_F32Tensor:$x, NN_FloatTensor:$decay, NN_FloatTensor:$phase, NN_FloatTensor:$b, NN_FloatTensor:$c,
      Optional<NN_FloatTensor>:$skip, NN_F32Tensor:$state);
  let assemblyFormat = "$x `,` $decay `,` $phase `,` $b `,` $c (`skip` $skip^)? `state` $state attr-dict `:` type(operands)";
}

#endif // TENON_DIALECTS_SSM_LTI
