//===- Experts.td - tokens to their experts and back ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_DIALECTS_MOE_EXPERTS
#define TENON_DIALECTS_MOE_EXPERTS

include "tenon/dialects/moe/Dialect.td"

def Moe_DispatchOp : Moe_Op<"dispatch"> {
  let summary = "each token once for each of its experts";
  let description = [{
    `result[t, j, i] = input[t, i]`; with `weighted` `result[t, j, i] = weight[t, j] * input[t, i]`.

    Constraints:
    * (C1) `input` has rank 2.
    * (C2) `shape(result) = [dim(input, 0), K, dim(input, 1)]`.
    * (C3) input and result have the same element type.
    * (C4) with `weighted` the input is of floats.

    Example (test/dialects/moe/experts.mlir):

    ```mlir
    %d = moe.dispatch %x, %r : tensor<?x64xf32>, !moe.routing<experts = 8, used = 2> -> tensor<?x2x64xf32>
    ```

    Lowers into the contraction that reads it; with `weighted` into a rowwise kernel.
  }];
  let arguments = (ins NN_ActivationTensor:$input, Moe_Routing:$routing, UnitAttr:$weighted);
  let results = (outs NN_ActivationTensor:$result);
  let assemblyFormat = "$input `,` $routing attr-dict `:` type($input) `,` qualified(type($routing)) `->` type($result)";
  let hasVerifier = 1;
}

def Moe_GroupedLinearOp : Moe_Op<"grouped_linear", [LinearOpInterface]> {
  let summary = "linear by the matrix of each token's expert";
  let description = [{
    `result[t, j, o] = sum_i input[t, j, i] * weight[e, o, i] + bias[e, o]` with `e = expert[t, j]`.

    `activation` says how the input meets a block-quantised weight, as in `nn.linear`.

    Constraints:
    * (C1) `input` and `weight` have rank 3.
    * (C2) `dim(input, 1) = K` and `dim(weight, 0) = E`.
    * (C3) `dim(input, 2) = dim(weight, 2)`.
    * (C4) `shape(result) = shape(input)[:-1] + [dim(weight, 1)]`.
    * (C5) `shape(bias) = shape(weight)[:-1]`.

    Example (test/dialects/moe/experts.mlir):

    ```mlir
    %y = moe.grouped_linear %d, %w, %r {activation = #nn.activation<q8>}
        : tensor<?x2x64xf32>, tensor<8x32x64x!nn.q4_0>, !moe.routing<experts = 8, used = 2> -> tensor<?x2x32xf32>
    ```

    Lowers to a contraction kernel, which reads the matrices of the chosen experts only.
  }];
  let arguments = (ins NN_ActivationTensor:$input, NN_WeightTensor:$weight, Moe_Routing:$routing, Optional<NN_FloatTensor>:$bias,
      DefaultValuedAttr<Moe_ActivationAttr, "::tenon::nn::Activation::f32">:$activation);
  let results = (outs NN_FloatTensor:$result);
  let assemblyFormat = [{
    $input `,` $weight `,` $routing (`,` `bias` $bias^)? attr-dict `:` type($input) `,` type($weight) `,` qualified(type($routing))
    (`,` type($bias)^)? `->` type($result)
  }];
  let extraClassDeclaration = [{
    /// The activation rounding that takes effect, as for nn.linear.
    ::tenon::nn::Activation getEffectiveActivation();
    /// A token's experts.
    int64_t getMatricesOfRow() { return getRouting().getType().getUsed(); }
    /// What a dispatch without weights is made of, or the input.
    ::mlir::OpOperand &getRoundedOperand();
    /// Reads the rounded value, through a dispatch if the rounded operand is one's.
    void setRounded(::mlir::Value rounded);
  }];
  let hasVerifier = 1;
}

def Moe_CombineOp : Moe_Op<"combine"> {
  let summary = "sum of what a token's experts made, by their weights";
  let description = [{
    `result[t, i] = sum_j weight[t, j] * input[t, j, i]`, j ascending; with `unweighted` `result[t, i] = sum_j input[t, j, i]`.

    Constraints:
    * (C1) `input` has rank 3.
    * (C2) `dim(input, 1) = K`.
    * (C3) `shape(result) = [dim(input, 0), dim(input, 2)]`.

    Example (test/dialects/moe/experts.mlir):

    ```mlir
    %z = moe.combine %y, %r : tensor<?x2x32xf32>, !moe.routing<experts = 8, used = 2> -> tensor<?x32xf32>
    ```

    Lowers to a rowwise kernel.
  }];
  let arguments = (ins NN_FloatTensor:$input, Moe_Routing:$routing, UnitAttr:$unweighted);
  let results = (outs NN_FloatTensor:$result);
  let assemblyFormat = "$input `,` $routing attr-dict `:` type($input) `,` qualified(type($routing)) `->` type($result)";
  let hasVerifier = 1;
}

#endif // TENON_DIALECTS_MOE_EXPERTS
