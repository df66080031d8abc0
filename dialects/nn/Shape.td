//===- Shape.td - ops that move elements and compute nothing ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_DIALECTS_NN_SHAPE
#define TENON_DIALECTS_NN_SHAPE

include "tenon/dialects/nn/Types.td"

def NN_ReshapeOp : NN_Op<"reshape", [Pure]> {
  let summary = "the same elements in row-major order under another shape";
  let description = [{
    `flat(result) = flat(input)`. A dynamic dimension of the result is what the number of elements leaves.

    Constraints:
    * (C1) input and result have the same element type.
    * (C2) the result has at most one dynamic dimension, and none when the input has none.
    * (C3) the numbers of elements can agree: equal when both are static, and one static part divides
      the other when a dimension is dynamic on one side only.

    Example (test/dialects/nn/shape.mlir):

    ```mlir
    %y = nn.reshape %x : tensor<?x576xf32> to tensor<?x9x64xf32>
    ```

    Lowers to index arithmetic inside a kernel.
  }];
  let arguments = (ins NN_FloatOrIntegerTensor:$input);
  let results = (outs NN_FloatOrIntegerTensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `to` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
  let hasCanonicalizer = 1;
}

def NN_TransposeOp : NN_Op<"transpose", [Pure]> {
  let summary = "dimensions in another order";
  let description = [{
    Dimension d of the result is dimension `permutation[d]` of the input:
    `result[i_0, ...] = input[j_0, ...]` with `j_permutation[d] = i_d`.

    Constraints:
    * (C1) `permutation` is a permutation of `0 ... rank(input) - 1`.
    * (C2) `dim(result, d) = dim(input, permutation[d])`, and the element types are equal.

    Example (test/dialects/nn/shape.mlir):

    ```mlir
    %y = nn.transpose %x permutation = [1, 0] : tensor<?x64xf32> -> tensor<64x?xf32>
    ```

    Lowers to index arithmetic inside a kernel.
  }];
  let arguments = (ins NN_FloatOrIntegerTensor:$input, DenseI64ArrayAttr:$permutation);
  let results = (outs NN_FloatOrIntegerTensor:$result);
  let assemblyFormat = "$input `permutation` `=` $permutation attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
  let hasCanonicalizer = 1;
}

def NN_ConcatOp : NN_Op<"concat", [Pure]> {
  let summary = "tensors joined along a dimension";
  let description = [{
    The inputs one after another along dimension `dim`.

    Constraints:
    * (C1) there is at least one input, all of the result's rank and element type.
    * (C2) `0 <= dim < rank(result)`.
    * (C3) the other dimensions of all inputs are the result's.
    * (C4) dimension `dim` of the result is the sum of the inputs' (dynamic if one is).

    Example (test/dialects/nn/shape.mlir):

    ```mlir
    %y = nn.concat %a, %b dim = 0 : tensor<?x64xf32>, tensor<2x64xf32> -> tensor<?x64xf32>
    ```

    Lowers to a rowwise kernel.
  }];
  let arguments = (ins Variadic<NN_FloatOrIntegerTensor>:$inputs, NN_I64Attr:$dim);
  let results = (outs NN_FloatOrIntegerTensor:$result);
  let assemblyFormat = "$inputs `dim` `=` $dim attr-dict `:` type($inputs) `->` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def NN_SliceOp : NN_Op<"slice", [Pure]> {
  let summary = "consecutive elements of a dimension";
  let description = [{
    `result[..., i, ...] = input[..., b + i, ...]` at dimension `dim` for `0 <= i < size`, where `b` is `start`, or
    `dim(input, dim) + start` when `start` is negative. A slice that reaches beyond the input is
    undefined; the evaluator reports it.

    Constraints:
    * (C1) `0 <= dim < rank(input)`.
    * (C2) `size >= 0`.
    * (C3) the slice lies inside a static dimension; a negative `start` has at least `size` elements after it.
    * (C4) the result's shape is the input's with `size` at `dim`, and the element types are equal.

    Example (test/dialects/nn/shape.mlir):

    ```mlir
    %last = nn.slice %x dim = 0 start = -1 size = 1 : tensor<?x64xf32> -> tensor<1x64xf32>
    ```

    Lowers to index arithmetic inside a kernel.
  }];
  let arguments = (ins NN_FloatOrIntegerTensor:$input, NN_I64Attr:$dim, NN_I64Attr:$start, NN_I64Attr:$size);
  let results = (outs NN_FloatOrIntegerTensor:$result);
  let assemblyFormat = [{
    $input `dim` `=` $dim `start` `=` $start `size` `=` $size attr-dict `:` type($input) `->` type($result)
  }];
  let hasVerifier = 1;
  let hasFolder = 1;
}

def NN_GatherOp : NN_Op<"gather", [Pure]> {
  let summary = "rows selected by index";
  let description = [{
    `result[i..., j...] = input[indices[i...], j...]`. An index outside the first dimension is undefined; the
    evaluator reports it.

    Constraints:
    * (C1) `rank(input) >= 1`.
    * (C2) `shape(result) = shape(indices) + shape(input)[1:]`, and the element types are equal.

    Example (test/dialects/nn/shape.mlir):

    ```mlir
    %y = nn.gather %x, %i : tensor<?x64xf32>, tensor<4xi32> -> tensor<4x64xf32>
    ```

    Lowers to a rowwise kernel.
  }];
  let arguments = (ins NN_FloatOrIntegerTensor:$input, NN_IntegerTensor:$indices);
  let results = (outs NN_FloatOrIntegerTensor:$result);
  let assemblyFormat = "$input `,` $indices attr-dict `:` type($input) `,` type($indices) `->` type($result)";
  let hasVerifier = 1;
}

#endif // TENON_DIALECTS_NN_SHAPE
