//===- DeltaRule.td - attention whose state is corrected by what it says ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_DIALECTS_SSM_DELTARULE
#define TENON_DIALECTS_SSM_DELTARULE

include "tenon/dialects/ssm/Dialect.td"

def SSM_DeltaRuleOp : SSM_Recurrence<"delta_rule", "linear attention whose state changes by a matrix of rank one more",
    "q: T G K; k: T G K; v: T H V; a: T G K; b: T G K; decay: T H K; state: H K V",
    ["getLogDecayName", "getSampleRange", "buildChunk", "buildElements", "buildCombine", "buildApply"], 2> {
  let description = [{
    In each row t, head h reading group `g = h / (H/G)`:
    `state[h] = diag(exp(decay[t, h])) state[h] + a[t, g] (b[t, g]^T state[h]) + k[t, g] v[t, h]^T`, all terms of the state before, and
    `result[t, h] = q[t, g]^T state[h]`, of the state after. The decay, a logarithm, has the shape `[T, H, K]`, or `[T, H]`, one for all
    keys of a head; without it nothing decays.

    The delta rule of step size `beta` has `b = k`, `a = -exp(decay) beta k` and `beta k` for `k`.

  }] # shapeConstraints # [{
    * (C3) a constant decay is at most 0 throughout.
    * (C4) H is a multiple of G.

    Example (test/dialects/ssm/delta-rule.mlir):

    ```mlir
    %y, %next = ssm.delta_rule %q, %k, %v, %a, %b decay %g state %s : tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x4x32xf32>,
        tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x4xf32>, tensor<4x16x32xf32>
    ```

    Lowers to a scan kernel.
  }];
  let arguments = (ins NN_F32Tensor:$q, NN_F32Tensor:$k, NN_F32Tensor:$v, NN_F32Tensor:$a, NN_F32Tensor:$b,
      Optional<NN_F32Tensor>:$decay, NN_F32Tensor:$state);
  let assemblyFormat = "$q `,` $k `,` $v `,` $a `,` $b (`decay` $decay^)? `state` $state attr-dict `:` type(operands)";
  let extraClassDeclaration = [{
    /// The shapes, the decay's being the one that it has.
    ::llvm::StringRef getShapeText();
  }];
  let hasVerifier = 1;
}

#endif // TENON_DIALECTS_SSM_DELTARULE
