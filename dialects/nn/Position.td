//===- Position.td - ops that depend on a token's position ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_DIALECTS_NN_POSITION
#define TENON_DIALECTS_NN_POSITION

include "tenon/dialects/nn/Types.td"

def NN_PositionEmbeddingOp : NN_Op<"position_embedding", [Pure]> {
  let summary = "rows of a table selected by position";
  let description = [{
    `result[t, i] = table[start + t + offset, i]`, the row dequantised when the table is block-quantised. `tokens`
    gives the number of rows only; `start` is the position of the first, 0 when it is not given. A position
    beyond the table's rows is undefined; the evaluator reports it.

    Constraints:
    * (C1) `tokens` has rank 1 and `table` rank 2.
    * (C2) `shape(result) = [dim(tokens, 0), dim(table, 1)]`.
    * (C3) `offset` is not negative and less than the rows of `table`.

    Example (test/dialects/nn/position.mlir):

    ```mlir
    %p = nn.position_embedding %tokens, %table start(%n) {offset = 2} : tensor<?xi32>, tensor<514x64xf32> -> tensor<?x64xf32>
    ```

    Lowers to a rowwise kernel.
  }];
  let arguments = (ins NN_IntegerTensor:$tokens, NN_WeightTensor:$table, Optional<Index>:$start,
      DefaultValuedAttr<NN_I64Attr, "0">:$offset);
  let results = (outs NN_FloatTensor:$result);
  let assemblyFormat = [{
    $tokens `,` $table (`start` `(` $start^ `)`)? attr-dict `:` type($tokens) `,` type($table) `->` type($result)
  }];
  let hasVerifier = 1;
}

def NN_PositionScaleOp : NN_Op<"position_scale", [Pure, AllTypesMatch<["input", "result"]>]> {
  let summary = "rows multiplied by a number that grows with their position";
  let description = [{
    `result[t, ...] = input[t, ...] * (1 + scale * ln(1 + floor((start + t + 1) / interval)))`: rows stay as they
    are in the first `interval - 1` positions and grow slowly afterwards.

    Constraints:
    * (C1) `input` has rank at least 1.
    * (C2) `scale` is finite.
    * (C3) `interval` is at least 1.

    Example (test/dialects/nn/position.mlir):

    ```mlir
    %y = nn.position_scale %q, %n {scale = 0.1 : f32, interval = 8192} : tensor<?x9x64xf32>, index
    ```

    Lowers into the kernel that makes or reads it.
  }];
  let arguments = (ins NN_FloatTensor:$input, Index:$start, F32Attr:$scale, NN_I64Attr:$interval);
  let results = (outs NN_FloatTensor:$result);
  let assemblyFormat = "$input `,` $start attr-dict `:` type($input) `,` type($start)";
  let hasVerifier = 1;
}

#endif // TENON_DIALECTS_NN_POSITION
