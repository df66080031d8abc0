//===- Lookup.td - bytes of a small table ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_DIALECTS_TILE_LOOKUP
#define TENON_DIALECTS_TILE_LOOKUP

include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "tenon/dialects/tile/Dialect.td"

def Tile_LookupOp : Op<Tile_Dialect, "lookup", [Pure, AllTypesMatch<["indices", "result"]>]> {
  let summary = "bytes of a table of sixteen, chosen by indices";
  let description = [{
    `result[i] = table[indices[i]]`. Indices are less than 16; what others choose is undefined.

    Constraints:
    * (C1) `table` and `indices` are vectors of rank 1 of i8.
    * (C2) `table` has 16 elements.

    Example (test/dialects/tile/lookup.mlir):

    ```mlir
    %weights = tile.lookup %table, %nibbles : vector<16xi8>, vector<64xi8>
    ```

    Lowers to `vpshufb` of the target's width, or to choices bit by bit.
  }];
  let arguments = (ins VectorOfRankAndType<[1], [I8]>:$table, VectorOfRankAndType<[1], [I8]>:$indices);
  let results = (outs VectorOfRankAndType<[1], [I8]>:$result);
  let assemblyFormat = "$table `,` $indices attr-dict `:` type($table) `,` type($indices)";
  let hasVerifier = 1;
}

#endif // TENON_DIALECTS_TILE_LOOKUP
