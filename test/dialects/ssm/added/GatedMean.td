//===- GatedMean.td - means by exponential gates ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

include "tenon/dialects/ssm/Dialect.td"

def SSM_GatedMeanOp : SSM_Recurrence<"gated_mean", "mean of values, weighted by exponential gates",
    "z: T C; gate: T C; decay: T C; state: 3 C", ["getLogDecayName"]> {
  let description = [{
    The state's rows are sum, weight and largest exponent: in each row, with `q = max(decay + largest, gate)`,
    `sum = exp(decay + largest - q) sum + exp(gate - q) z`, the same for weight with 1 for z, and `largest = q`. The result is sum / weight.

  }] # shapeConstraints # [{
    * (C3) a constant decay is at most 0 throughout.
  }];
  let arguments = (ins NN_F32Tensor:$z, NN_F32Tensor:$gate, NN_F32Tensor:$decay, NN_F32Tensor:$state);
  let assemblyFormat = "$z `,` $gate `decay` $decay `state` $state attr-dict `:` type(operands)";
}
