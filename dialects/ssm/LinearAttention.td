//===- LinearAttention.td - attention whose state is a matrix for each head ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_DIALECTS_SSM_LINEARATTENTION
#define TENON_DIALECTS_SSM_LINEARATTENTION

include "tenon/dialects/ssm/Dialect.td"

def SSM_Read : I32EnumAttr<"Read", "when a row reads the state", [I32EnumAttrCase<"after", 0>, I32EnumAttrCase<"before", 1>]> {
  let cppNamespace = "::tenon::ssm";
  let genSpecializedAttr = 0;
}
def SSM_ReadAttr : EnumAttr<SSM_Dialect, SSM_Read, "read"> {
  let assemblyFormat = "`<` $value `>`";
}

def SSM_LinearAttentionOp : SSM_Recurrence<"linear_attention", "sums of outer products that decay, read by queries",
    "q: T G K; k: T G K; v: T H V; decay: T H K; bonus: H K; state: H K V",
    ["getLogDecayName", "buildChunk", "buildElements", "buildCombine", "buildApply"], 2, [AttrSizedOperandSegments]> {
  let description = [{
    In each row t, head h reading group `g = h / (H/G)`: `new[h] = diag(exp(decay[t, h])) state[h] + k[t, g] v[t, h]^T`, and the result is

    * `q[t, g]^T new[h]` where `read` is `after`;
    * `q[t, g]^T (state[h] + diag(bonus[h]) k[t, g] v[t, h]^T)` where it is `before`, without the second term if there is no bonus.

    The decay, a logarithm, has the shape `[T, H, K]`, or `[T, H]`, one for all keys of a head; with `fixed_decay` it is the same for every
    row, `[H, K]` or `[H]`. Without a decay nothing decays.

  }] # shapeConstraints # [{
    * (C3) a constant decay is at most 0 throughout.
    * (C4) H is a multiple of G.
    * (C5) a bonus needs `read` to be `before`, and `fixed_decay` a decay.

    Example (test/dialects/ssm/linear-attention.mlir):

    ```mlir
    %y, %next = ssm.linear_attention %q, %k, %v decay %g bonus %u state %s {read = #ssm.read<before>} : tensor<?x4x16xf32>,
        tensor<?x4x16xf32>, tensor<?x4x32xf32>, tensor<?x4x16xf32>, tensor<4x16xf32>, tensor<4x16x32xf32>
    ```

    Lowers to a scan kernel.
  }];
  let arguments = (ins NN_F32Tensor:$q, NN_F32Tensor:$k, NN_F32Tensor:$v, Optional<NN_FloatTensor>:$decay, Optional<NN_FloatTensor>:$bonus,
      NN_F32Tensor:$state, DefaultValuedAttr<SSM_ReadAttr, "::tenon::ssm::Read::after">:$read, UnitAttr:$fixed_decay);
  let assemblyFormat =
      "$q `,` $k `,` $v (`decay` $decay^)? (`bonus` $bonus^)? `state` $state attr-dict `:` type(operands)";
  let extraClassDeclaration = [{
    /// The shapes, the decay's being the one that it has.
    ::llvm::StringRef getShapeText();
  }];
  let hasVerifier = 1;
}

#endif // TENON_DIALECTS_SSM_LINEARATTENTION
