//===- Wkv.td - averages of values with weights that fade ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_DIALECTS_SSM_WKV
#define TENON_DIALECTS_SSM_WKV

include "tenon/dialects/ssm/Dialect.td"

def SSM_WkvOp : SSM_Recurrence<"wkv", "averages of values, weighted by exponentials of keys that fade",
    "k: T C; v: T C; w: C; u: C; state: 3 C", ["getLogDecayName", "buildElements", "buildCombine", "buildApply"], 1> {
  let description = [{
    `result[t] = (exp(u + k[t]) v[t] + sum_j exp((t-1-j) w + k[j]) v[j]) / (exp(u + k[t]) + sum_j exp((t-1-j) w + k[j]))`, j < t, for each
    channel. The state's rows are numerator a, denominator b and largest exponent m: in each row, with `q = max(m, u + k)`,

        result = (exp(m - q) a + exp(u + k - q) v) / (exp(m - q) b + exp(u + k - q))

    and then, with `q = max(m + w, k)`, `a = exp(m + w - q) a + exp(k - q) v`, `b = exp(m + w - q) b + exp(k - q)`, `m = q`. Where b is 0
    the state is empty and m counts as -inf, so that zeros are the start. A state that is not empty has b >= 1.

  }] # shapeConstraints # [{
    * (C3) a constant `w`, the logarithm of a step's decay, is at most 0 throughout.

    Example (test/dialects/ssm/wkv.mlir):

    ```mlir
    %y, %next = ssm.wkv %k, %v, %w, %u state %s : tensor<?x64xf32>, tensor<?x64xf32>, tensor<64xf32>, tensor<64xf32>, tensor<3x64xf32>
    ```

    Lowers to a scan kernel.
  }];
  let arguments = (ins NN_F32Tensor:$k, NN_F32Tensor:$v, NN_FloatTensor:$w, NN_FloatTensor:$u, NN_F32Tensor:$state);
  let assemblyFormat = "$k `,` $v `,` $w `,` $u `state` $state attr-dict `:` type(operands)";
}

#endif // TENON_DIALECTS_SSM_WKV
