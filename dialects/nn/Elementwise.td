//===- Elementwise.td - elementwise functions of two operands ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_DIALECTS_NN_ELEMENTWISE
#define TENON_DIALECTS_NN_ELEMENTWISE

include "tenon/dialects/nn/Types.td"

// An elementwise op of two operands, the right one broadcast over leading dimensions.
class NN_BinaryOp<string mnemonic, string text, string formula, list<Trait> traits = []>
    : NN_Op<mnemonic, !listconcat(traits, [Pure, AllTypesMatch<["lhs", "result"]>,
                                           DeclareOpInterfaceMethods<ElementwiseOpInterface>])> {
  let summary = text;
  let description = "`result[...] = " # formula # "` with `a = lhs[...]`, `b = rhs[...]`; `rhs` is repeated over the " #
      "leading dimensions that it lacks.\n\nConstraints:\n" #
      "* (C1) the shape of `rhs` is the shape of the last dimensions of `lhs`.\n" #
      "* (C2) `lhs` and `rhs` have the same element type.\n\n" #
      "Example (test/dialects/nn/elementwise.mlir):\n\n```mlir\n%c = nn." # mnemonic #
      " %a, %b : tensor<?x64xf32>, tensor<?x64xf32>\n```\n\nLowers into the kernel that makes or reads it.";
  let arguments = (ins NN_FloatTensor:$lhs, NN_FloatTensor:$rhs);
  let results = (outs NN_FloatTensor:$result);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` type($lhs) `,` type($rhs)";
  let hasVerifier = 1;
}

def NN_AddOp : NN_BinaryOp<"add", "sum", "a + b">;
def NN_SubOp : NN_BinaryOp<"sub", "difference", "a - b">;
def NN_MulOp : NN_BinaryOp<"mul", "product", "a * b">;
def NN_DivOp : NN_BinaryOp<"div", "quotient", "a / b">;
def NN_MaxOp : NN_BinaryOp<"max", "larger of two values", "max(a, b)">;
def NN_MinOp : NN_BinaryOp<"min", "smaller of two values", "min(a, b)">;

#endif // TENON_DIALECTS_NN_ELEMENTWISE
