//===- IntDot.td - the four-way integer dot product ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_DIALECTS_TILE_INTDOT
#define TENON_DIALECTS_TILE_INTDOT

include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "tenon/dialects/tile/Dialect.td"

def Tile_IntDotOp : Op<Tile_Dialect, "int_dot", [Pure, AllTypesMatch<["acc", "result"]>, AllTypesMatch<["lhs", "rhs"]>]> {
  let summary = "sums of four products of an unsigned and a signed byte";
  let description = [{
    `result[i] = acc[i] + sum_{j < 4} unsigned(lhs[4 i + j]) * signed(rhs[4 i + j])`, exactly, the sum modulo 2^32.
    With `small` every byte of `lhs` is at most 15; other bytes are then undefined.

    Constraints:
    * (C1) `acc` is a vector of rank 1 of i32, `lhs` and `rhs` are of i8.
    * (C2) `lhs` and `rhs` have four elements for each of `acc`.

    Example (test/dialects/tile/int-dot.mlir):

    ```mlir
    %r = tile.int_dot %acc, %weights, %activations small : vector<16xi32>, vector<64xi8>
    ```

    Lowers to the target's instruction (`vpdpbusd` of 512 or 256 bits), to `vpmaddubsw` and `vpmaddwd` when `small`
    keeps the halfword sums exact, or to widened products.
  }];
  let arguments = (ins VectorOfRankAndType<[1], [I32]>:$acc, VectorOfRankAndType<[1], [I8]>:$lhs,
                       VectorOfRankAndType<[1], [I8]>:$rhs, UnitAttr:$small);
  let results = (outs VectorOfRankAndType<[1], [I32]>:$result);
  let assemblyFormat = "$acc `,` $lhs `,` $rhs (`small` $small^)? attr-dict `:` type($acc) `,` type($lhs)";
  let hasVerifier = 1;
}

#endif // TENON_DIALECTS_TILE_INTDOT
