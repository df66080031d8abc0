//===- Norm.td - normalisations and softmax over the last dimension ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_DIALECTS_NN_NORM
#define TENON_DIALECTS_NN_NORM

include "tenon/dialects/nn/Types.td"

def NN_RmsNormOp : NN_Op<"rms_norm", [Pure, AllTypesMatch<["input", "result"]>]> {
  let summary = "root-mean-square normalisation over the last dimension";
  let description = [{
    `result[..., i] = input[..., i] * rsqrt(mean(input[..., :]^2) + eps) * weight[i]`; without a weight, every
    `weight[i]` is 1.

    Constraints:
    * (C1) `rank(weight) = 1`, `rank(input) >= 1`.
    * (C2) `dim(weight, 0) = dim(input, -1)`.
    * (C3) `eps` is finite and not negative.

    Example (test/dialects/nn/norm.mlir):

    ```mlir
    %y = nn.rms_norm %x, %w eps = 1.0e-5 : tensor<?x64xf32>, tensor<64xf32>
    %z = nn.rms_norm %y eps = 1.0e-5 : tensor<?x64xf32>
    ```

    Lowers to a rowwise kernel or to the prologue of its consumer.
  }];
  let arguments = (ins NN_FloatTensor:$input, Optional<NN_FloatTensor>:$weight, F32Attr:$eps);
  let results = (outs NN_FloatTensor:$result);
  let assemblyFormat = "$input (`,` $weight^)? `eps` `=` $eps attr-dict `:` type($input) (`,` type($weight)^)?";
  let hasVerifier = 1;
}

def NN_LayerNormOp : NN_Op<"layer_norm", [Pure, AllTypesMatch<["input", "result"]>, AttrSizedOperandSegments]> {
  let summary = "normalisation to mean 0 and variance 1 over the last dimension";
  let description = [{
    With `m = mean(input[..., :])` and `v = mean((input[..., :] - m)^2)` (the biased variance):
    `result[..., i] = (input[..., i] - m) * rsqrt(v + eps) * weight[i] + bias[i]`; without a weight
    every `weight[i]` is 1, without a bias every `bias[i]` is 0.

    Constraints:
    * (C1) `rank(weight) = 1`, `rank(input) >= 1`, and `bias` has the shape of `weight`.
    * (C2) `dim(weight, 0) = dim(input, -1)`.
    * (C3) `eps` is finite and not negative.
    * (C4) a `bias` stands with a `weight`.

    Example (test/dialects/nn/norm.mlir):

    ```mlir
    %y = nn.layer_norm %x, %w, %b eps = 0.0 : tensor<?x64xbf16>, tensor<64xf32>, tensor<64xf32>
    %z = nn.layer_norm %y eps = 1.0e-5 : tensor<?x64xf32>
    ```

    Lowers to a rowwise kernel or to the prologue of its consumer.
  }];
  let arguments = (ins NN_FloatTensor:$input, Optional<NN_FloatTensor>:$weight, Optional<NN_FloatTensor>:$bias, F32Attr:$eps);
  let results = (outs NN_FloatTensor:$result);
  let assemblyFormat = [{
    $input (`,` $weight^)? (`,` $bias^)? `eps` `=` $eps attr-dict `:` type($input) (`,` type($weight)^)? (`,` type($bias)^)?
  }];
  let hasVerifier = 1;
}

def NN_SoftmaxOp : NN_Op<"softmax", [Pure, AllTypesMatch<["input", "result"]>]> {
  let summary = "exponentials divided by their sum, over the last dimension";
  let description = [{
    `result[..., i] = exp(input[..., i] - max) / sum_j exp(input[..., j] - max)` with
    `max = max_j input[..., j]`. A row that is -inf throughout is undefined.

    Constraints:
    * (C1) `rank(input) >= 1`.

    Example (test/dialects/nn/norm.mlir):

    ```mlir
    %y = nn.softmax %x : tensor<?x64xf32>
    ```

    Lowers to a rowwise kernel.
  }];
  let arguments = (ins NN_FloatTensor:$input);
  let results = (outs NN_FloatTensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input)";
  let hasVerifier = 1;
}

#endif // TENON_DIALECTS_NN_NORM
