//===- Reduce.td - reductions over one dimension ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_DIALECTS_NN_REDUCE
#define TENON_DIALECTS_NN_REDUCE

include "tenon/dialects/nn/Types.td"

def NN_Reduction : I32EnumAttr<"Reduction", "how elements become one", [
    I32EnumAttrCase<"sum", 0>, I32EnumAttrCase<"mean", 1>, I32EnumAttrCase<"max", 2>, I32EnumAttrCase<"min", 3>]> {
  let cppNamespace = "::tenon::nn";
  let genSpecializedAttr = 0;
}
def NN_ReductionAttr : EnumAttr<NN_Dialect, NN_Reduction, "reduction">;

def NN_ReduceOp : NN_Op<"reduce", [Pure]> {
  let summary = "sum, mean, largest or smallest element along a dimension";
  let description = [{
    `result[...] = kind_i input[..., i, ...]` with i at dimension `dim`, which the result lacks. Over no
    elements the sum is 0, the mean not a number, max -inf and min +inf.

    Constraints:
    * (C1) `0 <= dim < rank(input)`.
    * (C2) the result's shape is the input's without dimension `dim`.
    * (C3) input and result have the same element type.

    Example (test/dialects/nn/reduce.mlir):

    ```mlir
    %m = nn.reduce mean %x dim = 1 : tensor<?x8x64xf32> -> tensor<?x64xf32>
    ```

    Lowers to a rowwise kernel.
  }];
  let arguments = (ins NN_ReductionAttr:$kind, NN_FloatTensor:$input, NN_I64Attr:$dim);
  let results = (outs NN_FloatTensor:$result);
  let assemblyFormat = "$kind $input `dim` `=` $dim attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
}

#endif // TENON_DIALECTS_NN_REDUCE
