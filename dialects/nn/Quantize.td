//===- Quantize.td - rounding to blocks and between float types ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_DIALECTS_NN_QUANTIZE
#define TENON_DIALECTS_NN_QUANTIZE

include "tenon/dialects/nn/Types.td"

def NN_QuantizeOp : NN_Op<"quantize", [Pure]> {
  let summary = "activations rounded to blocks of integers";
  let description = [{
    For each block of 32 consecutive elements of the last dimension, with `amax` the largest magnitude:

    * `!nn.a8`: `d = amax / 127`, `q = round(x * (1 / d))` (0 if `amax` is 0), all in f32 with halves rounded
      away from zero; the block stands for `f16(d) * q`, as in the `Q8_0` format.
    * `!nn.a16`: `d = amax / 32512`, `q = round(x / d)` (0 if `amax` is 0), likewise; d stays f32 and the block
      stands for `d * q`.

    Constraints:
    * (C1) input and result have the same shape.
    * (C2) the last dimension is a multiple of the block.

    Example (test/dialects/nn/quantize.mlir):

    ```mlir
    %q = nn.quantize %x : tensor<?x64xf32> -> tensor<?x64x!nn.a8>
    ```

    Lowers to the epilogue of the kernel that makes the input.
  }];
  let arguments = (ins NN_FloatTensor:$input);
  let results = (outs RankedTensorOf<[NN_ActivationBlockType]>:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
}

def NN_ConvertOp : NN_Op<"convert", [Pure, DeclareOpInterfaceMethods<ElementwiseOpInterface>]> {
  let summary = "conversion between float types";
  let description = [{
    `result[...] = input[...]`, rounded to nearest even when the result's type has fewer bits.

    Constraints:
    * (C1) input and result have the same shape.

    Example (test/dialects/nn/quantize.mlir):

    ```mlir
    %y = nn.convert %x : tensor<?x64xf32> to tensor<?x64xbf16>
    ```

    Lowers into its neighbours: kernels compute in f32 and round where they store.
  }];
  let arguments = (ins NN_FloatTensor:$input);
  let results = (outs NN_FloatTensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `to` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

#endif // TENON_DIALECTS_NN_QUANTIZE
