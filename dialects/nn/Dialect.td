//===- Dialect.td - the nn dialect and its ops' base class ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_DIALECTS_NN_DIALECT
#define TENON_DIALECTS_NN_DIALECT

include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "tenon/dialects/common/ElementwiseInterface.td"
include "tenon/dialects/common/EvalInterface.td"

def NN_Dialect : Dialect {
  let name = "nn";
  let cppNamespace = "::tenon::nn";
  let summary = "pure tensor ops of neural networks";
  let description = [{
    Ops on tensors of f32, f16 and bf16, on parameters that are symbols with a source in a file, and on
    block-quantised element types. Everything here is pure: loops, state and layout live elsewhere.

    Sums and means are exact in the evaluator; a kernel computes them in f32 in an order that the model
    fixes. A result of f16 or bf16 is rounded once, when the op has computed it.
  }];
  let useDefaultTypePrinterParser = 1;
  let useDefaultAttributePrinterParser = 1;
  let hasConstantMaterializer = 1;
}

// A 64-bit integer that is read as signed.
def NN_I64Attr : TypedSignlessIntegerAttrBase<I64, "int64_t", "64-bit integer attribute">;

class NN_Op<string mnemonic, list<Trait> traits = []>
    : Op<NN_Dialect, mnemonic, !listconcat(traits, [DeclareOpInterfaceMethods<EvalOpInterface>])>;

#endif // TENON_DIALECTS_NN_DIALECT
