//===- Rope.td - rotary position embedding ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_DIALECTS_NN_ROPE
#define TENON_DIALECTS_NN_ROPE

include "tenon/dialects/nn/Types.td"

def NN_Pairing : I32EnumAttr<"Pairing", "which elements a rotation turns together", [
    I32EnumAttrCase<"interleaved", 0>, I32EnumAttrCase<"half", 1>]> {
  let cppNamespace = "::tenon::nn";
  let genSpecializedAttr = 0;
}
def NN_PairingAttr : EnumAttr<NN_Dialect, NN_Pairing, "pairing"> {
  let assemblyFormat = "`<` $value `>`";
}

def NN_RopeTableOp : NN_Op<"rope_table", [Pure]> {
  let summary = "cosines and sines of a call's positions";
  let description = [{
    `result[t, 2i] = scale * cos(a)`, `result[t, 2i + 1] = scale * sin(a)` with `a = f32(f32(start + t) *
    frequencies[i])`: the angle is one rounded f32 product, its cosine and sine are exact to f32. `tokens`
    gives the number of rows only; `start` is the position of the first. `scale` is 1 when it is not given.

    Constraints:
    * (C1) `tokens` and `frequencies` have rank 1.
    * (C2) `shape(result) = [dim(tokens, 0), 2 * dim(frequencies, 0)]`.
    * (C3) `scale` is finite and positive.

    Example (test/dialects/nn/rope.mlir):

    ```mlir
    %table = nn.rope_table %tokens, %start, %f : tensor<?xi32>, index, tensor<32xf32> -> tensor<?x64xf32>
    %scaled = nn.rope_table %tokens, %start, %f {scale = 1.2 : f32} : tensor<?xi32>, index, tensor<32xf32> -> tensor<?x64xf32>
    ```

    Lowers to a rowwise kernel, once a call.
  }];
  let arguments = (ins NN_IntegerTensor:$tokens, Index:$start, NN_F32Tensor:$frequencies,
                       DefaultValuedAttr<F32Attr, "1.0f">:$scale);
  let results = (outs NN_F32Tensor:$result);
  let assemblyFormat = [{
    $tokens `,` $start `,` $frequencies attr-dict `:` type($tokens) `,` type($start) `,` type($frequencies)
    `->` type($result)
  }];
  let hasVerifier = 1;
}

def NN_RopeOp : NN_Op<"rope", [Pure, AllTypesMatch<["input", "result"]>]> {
  let summary = "rotation of pairs of a head's elements by a table of angles";
  let description = [{
    With P pairs in the table, `c = table[t, 2i]`, `s = table[t, 2i + 1]`, and for pair i the elements
    `a = input[t, h, j]`, `b = input[t, h, k]`: `result[t, h, j] = a c - b s`, `result[t, h, k] = a s + b c`.
    `interleaved` pairs (j, k) = (2i, 2i + 1); `half` pairs (i, i + P). Elements from 2P on are copied.

    Constraints:
    * (C1) `input` has rank 3 and `table` rank 2.
    * (C2) `dim(table, 0) = dim(input, 0)`.
    * (C3) `dim(table, 1)` is even and at most `dim(input, 2)`.

    Example (test/dialects/nn/rope.mlir):

    ```mlir
    %y = nn.rope %x, %table {pairing = #nn.pairing<half>} : tensor<?x9x64xf32>, tensor<?x64xf32>
    ```

    Lowers to the epilogue of the linear that makes the input (interleaved) or to a rowwise kernel (half).
  }];
  let arguments = (ins NN_FloatTensor:$input, NN_F32Tensor:$table,
      DefaultValuedAttr<NN_PairingAttr, "::tenon::nn::Pairing::interleaved">:$pairing);
  let results = (outs NN_FloatTensor:$result);
  let assemblyFormat = "$input `,` $table attr-dict `:` type($input) `,` type($table)";
  let hasVerifier = 1;
}

#endif // TENON_DIALECTS_NN_ROPE
