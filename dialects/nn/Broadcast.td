//===- Broadcast.td - elements repeated along new dimensions ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_DIALECTS_NN_BROADCAST
#define TENON_DIALECTS_NN_BROADCAST

include "tenon/dialects/nn/Types.td"

def NN_BroadcastOp : NN_Op<"broadcast", [Pure]> {
  let summary = "elements repeated along new dimensions";
  let description = [{
    Dimension d of the input is dimension `dims[d]` of the result; along its other dimensions the result repeats:
    `result[i_0, ...] = input[i_dims[0], i_dims[1], ...]`. A new dimension that is dynamic has as many elements as `rows` has rows.

    Constraints:
    * (C1) `dims` has a number for each dimension of the input, ascending, at least 0 and less than the rank of the result.
    * (C2) `dim(result, dims[d]) = dim(input, d)`, and the element types are equal.
    * (C3) with `rows`, of rank at least 1, a new dimension may be dynamic; without them all are static.

    Example (test/dialects/nn/broadcast.mlir):

    ```mlir
    %y = nn.broadcast %x dims = [0, 2] : tensor<?x64xf32> -> tensor<?x16x64xf32>
    %z = nn.broadcast %w dims = [1] rows %x : tensor<64xf32>, tensor<?x64xf32> -> tensor<?x64xf32>
    ```

    Lowers to index arithmetic inside a kernel.
  }];
  let arguments = (ins NN_FloatTensor:$input, DenseI64ArrayAttr:$dims, Optional<NN_AnyTensor>:$rows);
  let results = (outs NN_FloatTensor:$result);
  let assemblyFormat = "$input `dims` `=` $dims (`rows` $rows^)? attr-dict `:` type(operands) `->` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

#endif // TENON_DIALECTS_NN_BROADCAST
