//===- Lru.td - the diagonal recurrence, real or complex ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_DIALECTS_SSM_LRU
#define TENON_DIALECTS_SSM_LRU

include "tenon/dialects/ssm/Dialect.td"

def SSM_LruOp : SSM_Recurrence<"lru", "sum of a channel's inputs that decay and turn",
    "x: T C; decay: C; state: 1 C", ["getLogDecayName", "buildElements", "buildCombine", "buildApply"]> {
  let description = [{
    `state[c] = exp(decay[c]) state[c] + x[t, c]` and `result[t, c] = state[c]`. The decay, a logarithm, is `[C]` or, with rows of its own,
    `[T, C]`.

    With a phase `[C]` numbers are complex, `x: [T, 2, C]` and `state: [2, C]` holding real parts and then imaginary ones, and
    `state = exp(decay + i phase) state + x`.

  }] # shapeConstraints # [{
    * (C3) a constant decay is at most 0 throughout.

    Example (test/dialects/ssm/lru.mlir):

    ```mlir
    %y, %next = ssm.lru %x, %g state %s : tensor<?x64xf32>, tensor<?x64xf32>, tensor<1x64xf32>
    %z, %last = ssm.lru %u, %h phase %p state %t : tensor<?x2x64xf32>, tensor<64xf32>, tensor<64xf32>, tensor<2x64xf32>
    ```

    Lowers to a scan kernel.
  }];
  let arguments = (ins NN_F32Tensor:$x, NN_FloatTensor:$decay, Optional<NN_FloatTensor>:$phase, NN_F32Tensor:$state);
  let assemblyFormat = "$x `,` $decay (`phase` $phase^)? `state` $state attr-dict `:` type(operands)";
  let extraClassDeclaration = [{
    /// The shapes, of real or complex numbers and with the decay's as it is.
    ::llvm::StringRef getShapeText();
  }];
}

#endif // TENON_DIALECTS_SSM_LRU
