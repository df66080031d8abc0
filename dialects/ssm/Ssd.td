//===- Ssd.td - the scan with a decay for each head ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_DIALECTS_SSM_SSD
#define TENON_DIALECTS_SSM_SSD

include "tenon/dialects/ssm/Dialect.td"

def SSM_SsdOp : SSM_Recurrence<"ssd", "recurrence of matrices with one decay for each head",
    "x: T H P; dt: T H; a: H; b: T G N; c: T G N; skip: H; state: H N P",
    ["getLogDecayName", "getSampleRange", "buildChunk", "buildElements", "buildCombine", "buildApply"]> {
  let description = [{
    In each row t, head h reading group `g = h / (H/G)`: `state[h] = exp(dt[t, h] a[h]) state[h] + b[t, g] (dt[t, h] x[t, h])^T` and
    `result[t, h] = c[t, g]^T state[h] + skip[h] x[t, h]`.

  }] # shapeConstraints # [{
    * (C3) a constant `a` is at most 0 throughout.
    * (C4) H is a multiple of G.

    Example (test/dialects/ssm/ssd.mlir):

    ```mlir
    %y, %next = ssm.ssd %x, %dt, %a, %b, %c skip %d state %s : tensor<?x8x64xf32>, tensor<?x8xf32>, tensor<8xf32>, tensor<?x2x16xf32>,
        tensor<?x2x16xf32>, tensor<8xf32>, tensor<8x16x64xf32>
    ```

    Lowers to a scan kernel.
  }];
  let arguments = (ins NN_F32Tensor:$x, NN_F32Tensor:$dt, NN_FloatTensor:$a, NN_F32Tensor:$b, NN_F32Tensor:$c,
      Optional<NN_FloatTensor>:$skip, NN_F32Tensor:$state);
  let assemblyFormat = "$x `,` $dt `,` $a `,` $b `,` $c (`skip` $skip^)? `state` $state attr-dict `:` type(operands)";
  let hasVerifier = 1;
}

#endif // TENON_DIALECTS_SSM_SSD
