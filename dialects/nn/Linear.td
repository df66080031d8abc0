//===- Linear.td - embedding, linear and matrix products ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_DIALECTS_NN_LINEAR
#define TENON_DIALECTS_NN_LINEAR

include "tenon/dialects/nn/LinearInterface.td"
include "tenon/dialects/nn/Types.td"

def NN_Activation : I32EnumAttr<"Activation", "how a linear op reads its input", [
    I32EnumAttrCase<"f32", 0>, I32EnumAttrCase<"q8", 1>, I32EnumAttrCase<"q16", 2>]> {
  let cppNamespace = "::tenon::nn";
  let genSpecializedAttr = 0;
}
def NN_ActivationAttr : EnumAttr<NN_Dialect, NN_Activation, "activation"> {
  let assemblyFormat = "`<` $value `>`";
}

def NN_EmbeddingOp : NN_Op<"embedding", [Pure]> {
  let summary = "rows of a table selected by token";
  let description = [{
    `result[t, i] = table[tokens[t], i]`, the row dequantised when the table is block-quantised. A token
    that is negative or not less than the table's rows is undefined; the evaluator reports it.

    Constraints:
    * (C1) `tokens` has rank 1 and `table` rank 2.
    * (C2) `shape(result) = [dim(tokens, 0), dim(table, 1)]`.

    Example (test/dialects/nn/linear.mlir):

    ```mlir
    %x = nn.embedding %tokens, %table : tensor<?xi32>, tensor<256x64x!nn.q8_0> -> tensor<?x64xf32>
    ```

    Lowers to a rowwise kernel.
  }];
  let arguments = (ins NN_IntegerTensor:$tokens, NN_WeightTensor:$table);
  let results = (outs NN_FloatTensor:$result);
  let assemblyFormat = "$tokens `,` $table attr-dict `:` type($tokens) `,` type($table) `->` type($result)";
  let hasVerifier = 1;
}

def NN_LinearOp : NN_Op<"linear", [Pure, LinearOpInterface]> {
  let summary = "product with a transposed weight matrix, plus a bias";
  let description = [{
    `result[..., o] = sum_i input[..., i] * weight[o, i] + bias[o]`.

    A block-quantised weight is dequantised exactly. `activation` says how the input meets it: with `q8`
    (`q16`) the input is first rounded to blocks of `!nn.a8` (`!nn.a16`) as by `nn.quantize`; with `f32` it
    is taken as it is. The attribute means `f32` when the weight is not block-quantised, and nothing when
    the input already has blocks.

    Constraints:
    * (C1) `weight` has rank 2 and `input` rank at least 1.
    * (C2) `dim(input, -1) = dim(weight, 1)`.
    * (C3) `shape(result) = shape(input)[:-1] + [dim(weight, 0)]`.
    * (C4) `shape(bias) = [dim(weight, 0)]`.

    Example (test/dialects/nn/linear.mlir):

    ```mlir
    %y = nn.linear %x, %w {activation = #nn.activation<q8>} : tensor<?x64xf32>, tensor<32x64x!nn.q4_1> -> tensor<?x32xf32>
    %z = nn.linear %x, %v, bias %b : tensor<?x64xf32>, tensor<32x64xf32>, tensor<32xf32> -> tensor<?x32xf32>
    ```

    Lowers to a contraction kernel.
  }];
  let arguments = (ins NN_ActivationTensor:$input, NN_WeightTensor:$weight, Optional<NN_FloatTensor>:$bias,
      DefaultValuedAttr<NN_ActivationAttr, "::tenon::nn::Activation::f32">:$activation);
  let results = (outs NN_FloatTensor:$result);
  let assemblyFormat = [{
    $input `,` $weight (`,` `bias` $bias^)? attr-dict `:` type($input) `,` type($weight) (`,` type($bias)^)?
    `->` type($result)
  }];
  let extraClassDeclaration = [{
    /// The activation rounding that takes effect: `f32` for a weight that is not block-quantised and
    /// for an input that has been rounded already.
    ::tenon::nn::Activation getEffectiveActivation();
  }];
  let hasVerifier = 1;
}

def NN_HeadLinearOp : NN_Op<"head_linear", [Pure, LinearOpInterface]> {
  let summary = "product of each head with a matrix of its own";
  let description = [{
    `result[t, h, o] = sum_i input[t, h, i] * weight[h, o, i]`, or with `transposed` `weight[h, i, o]`. A block-quantised
    weight is dequantised exactly, and `activation` means what it means for `nn.linear`; with `transposed` it means `f32`.

    Constraints:
    * (C1) `input` and `weight` have rank 3.
    * (C2) `dim(input, 1) = dim(weight, 0)` and `dim(input, 2)` is the size of i in the weight.
    * (C3) `shape(result) = [dim(input, 0), dim(weight, 0), size of o in the weight]`.

    Example (test/dialects/nn/linear.mlir):

    ```mlir
    %y = nn.head_linear %x, %w : tensor<?x16x128xf32>, tensor<16x512x128xbf16> -> tensor<?x16x512xf32>
    ```

    Lowers to a contraction kernel.
  }];
  let arguments = (ins NN_ActivationTensor:$input, NN_WeightTensor:$weight, UnitAttr:$transposed,
      DefaultValuedAttr<NN_ActivationAttr, "::tenon::nn::Activation::f32">:$activation);
  let results = (outs NN_FloatTensor:$result);
  let assemblyFormat = "$input `,` $weight attr-dict `:` type($input) `,` type($weight) `->` type($result)";
  let extraClassDeclaration = [{
    /// The activation rounding that takes effect: `f32` for a weight that is not block-quantised, for one that is transposed, and for
    /// an input that has been rounded already.
    ::tenon::nn::Activation getEffectiveActivation();
  }];
  let hasVerifier = 1;
}

def NN_MatmulOp : NN_Op<"matmul", [Pure]> {
  let summary = "product of matrices, batched over equal leading dimensions";
  let description = [{
    `result[..., i, j] = sum_k lhs[..., i, k] * rhs[..., k, j]`.

    Constraints:
    * (C1) `lhs` and `rhs` have the same rank, at least 2.
    * (C2) the leading dimensions of `lhs` and `rhs` are equal.
    * (C3) `dim(lhs, -1) = dim(rhs, -2)`.
    * (C4) `shape(result) = shape(lhs)[:-1] + [dim(rhs, -1)]`.

    Example (test/dialects/nn/linear.mlir):

    ```mlir
    %c = nn.matmul %a, %b : tensor<2x?x64xf16>, tensor<2x64x32xf16> -> tensor<2x?x32xf16>
    ```

    Lowers to a rowwise kernel.
  }];
  let arguments = (ins NN_FloatTensor:$lhs, NN_FloatTensor:$rhs);
  let results = (outs NN_FloatTensor:$result);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` type($lhs) `,` type($rhs) `->` type($result)";
  let hasVerifier = 1;
}

#endif // TENON_DIALECTS_NN_LINEAR
