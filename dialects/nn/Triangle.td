//===- Triangle.td - triangular matrices ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_DIALECTS_NN_TRIANGLE
#define TENON_DIALECTS_NN_TRIANGLE

include "tenon/dialects/nn/Types.td"

def NN_LowerTriangleOp : NN_Op<"lower_triangle", [Pure, AllTypesMatch<["input", "result"]>]> {
  let summary = "a number above a diagonal of the first two dimensions";
  let description = [{
    `result[i, j, ...] = input[i, j, ...]` where `j - i <= diagonal`, and `fill` elsewhere.

    Constraints:
    * (C1) `rank(input) >= 2`.

    Example (test/dialects/nn/triangle.mlir):

    ```mlir
    %y = nn.lower_triangle %x diagonal = -1 {fill = 0.0 : f32} : tensor<?x?x8xf32>
    ```

    Lowers into the kernel that makes or reads it.
  }];
  let arguments = (ins NN_FloatTensor:$input, NN_I64Attr:$diagonal, F32Attr:$fill);
  let results = (outs NN_FloatTensor:$result);
  let assemblyFormat = "$input `diagonal` `=` $diagonal attr-dict `:` type($input)";
  let hasVerifier = 1;
}

def NN_TriangularSolveOp : NN_Op<"triangular_solve", [Pure, AllTypesMatch<["rhs", "result"]>]> {
  let summary = "solution of a system with ones on the diagonal and zeros above";
  let description = [{
    `result[..., i, :] = rhs[..., i, :] - sum_{j < i} matrix[..., i, j] result[..., j, :]`. Elements of the matrix on and above its diagonal
    are not read.

    Constraints:
    * (C1) `matrix` and `rhs` have the same rank, at least 2, and element type.
    * (C2) `shape(matrix) = shape(rhs)[:-1] + [dim(rhs, -2)]`.

    Example (test/dialects/nn/triangle.mlir):

    ```mlir
    %x = nn.triangular_solve %m, %r : tensor<8x?x?xf32>, tensor<8x?x64xf32>
    ```

    Lowers to a scan kernel's chunked form.
  }];
  let arguments = (ins NN_FloatTensor:$matrix, NN_FloatTensor:$rhs);
  let results = (outs NN_FloatTensor:$result);
  let assemblyFormat = "$matrix `,` $rhs attr-dict `:` type($matrix) `,` type($rhs)";
  let hasVerifier = 1;
}

#endif // TENON_DIALECTS_NN_TRIANGLE
