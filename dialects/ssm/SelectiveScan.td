//===- SelectiveScan.td - the scan with a decay for each channel and state ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_DIALECTS_SSM_SELECTIVESCAN
#define TENON_DIALECTS_SSM_SELECTIVESCAN

include "tenon/dialects/ssm/Dialect.td"

def SSM_SelectiveScanOp : SSM_Recurrence<"selective_scan", "diagonal recurrence whose step sizes come with the rows",
    "x: T D; dt: T D; a: N D; b: T N; c: T N; skip: D; state: N D",
    ["getLogDecayName", "getSampleRange", "buildElements", "buildCombine", "buildApply"]> {
  let description = [{
    In each row t `state[n, d] = exp(dt[t, d] a[n, d]) state[n, d] + dt[t, d] b[t, n] x[t, d]` and
    `result[t, d] = sum_n c[t, n] state[n, d] + skip[d] x[t, d]`.

  }] # shapeConstraints # [{
    * (C3) a constant `a` is at most 0 throughout.

    Example (test/dialects/ssm/selective-scan.mlir):

    ```mlir
    %y, %next = ssm.selective_scan %x, %dt, %a, %b, %c skip %d state %s : tensor<?x64xf32>, tensor<?x64xf32>, tensor<16x64xf32>,
        tensor<?x16xf32>, tensor<?x16xf32>, tensor<64xf32>, tensor<16x64xf32>
    ```

    Lowers to a scan kernel.
  }];
  let arguments = (ins NN_F32Tensor:$x, NN_F32Tensor:$dt, NN_FloatTensor:$a, NN_F32Tensor:$b, NN_F32Tensor:$c,
      Optional<NN_FloatTensor>:$skip, NN_F32Tensor:$state);
  let assemblyFormat = "$x `,` $dt `,` $a `,` $b `,` $c (`skip` $skip^)? `state` $state attr-dict `:` type(operands)";
}

#endif // TENON_DIALECTS_SSM_SELECTIVESCAN
