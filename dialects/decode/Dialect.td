//===- Dialect.td - the decode dialect and what its ops share ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_DIALECTS_DECODE_DIALECT
#define TENON_DIALECTS_DECODE_DIALECT

include "mlir/IR/OpBase.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "tenon/dialects/common/EvalInterface.td"

def Decode_Dialect : Dialect {
  let name = "decode";
  let cppNamespace = "::tenon::decode";
  let summary = "what is chosen and what repeats";
  let description = [{
    Turning logits into tokens, and the loop that generates. Randomness comes in as data: a sampler reads a
    uniform number that its caller gives, so the same numbers give the same tokens everywhere.
  }];
}

// A 64-bit integer that is read as signed.
def Decode_I64Attr : TypedSignlessIntegerAttrBase<I64, "int64_t", "64-bit integer attribute">;

class Decode_Op<string mnemonic, list<Trait> traits = []>
    : Op<Decode_Dialect, mnemonic, !listconcat(traits, [DeclareOpInterfaceMethods<EvalOpInterface>])>;

def Decode_LogitsTensor : RankedTensorOf<[F32]>;
def Decode_TokenTensor : RankedTensorOf<[I32]>;

#endif // TENON_DIALECTS_DECODE_DIALECT
