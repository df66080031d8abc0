//===- Dialect.td - the moe dialect and its type ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_DIALECTS_MOE_DIALECT
#define TENON_DIALECTS_MOE_DIALECT

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "tenon/dialects/common/EvalInterface.td"
include "tenon/dialects/common/RecordTypeInterface.td"
include "tenon/dialects/nn/LinearInterface.td"
include "tenon/dialects/nn/Types.td"

def Moe_Dialect : Dialect {
  let name = "moe";
  let cppNamespace = "::tenon::moe";
  let summary = "tokens and their experts";
  let description = [{
    The choice of experts for each token, and linears whose matrix is that of the expert that a token goes to. Everything is pure; T is the
    number of tokens of a call, E of experts, K of the experts that each token uses.
  }];
  let useDefaultTypePrinterParser = 1;
  let useDefaultAttributePrinterParser = 1;
  let dependentDialects = ["::tenon::nn::NNDialect"];
}

class Moe_Op<string mnemonic, list<Trait> traits = []>
    : Op<Moe_Dialect, mnemonic, !listconcat(traits, [Pure, DeclareOpInterfaceMethods<EvalOpInterface>])>;

def Moe_Routing : TypeDef<Moe_Dialect, "Routing", [DeclareTypeInterfaceMethods<RecordTypeInterface>]> {
  let mnemonic = "routing";
  let summary = "the experts of each token and their weights";
  let description = [{
    For each token t and j < K, `expert[t, j]`, the index of an expert, no two of a token alike, and `weight[t, j]`, a number.

    Constraints:
    * (C1) `experts` and `used` are positive.
    * (C2) `used` is at most `experts`.

    Example (test/dialects/moe/route.mlir):

    ```mlir
    !moe.routing<experts = 8, used = 2>
    ```
  }];
  let parameters = (ins "int64_t":$experts, "int64_t":$used);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

// nn's attribute, whose definition would be generated again if its file were included here.
def Moe_ActivationAttr : Attr<CPred<"::llvm::isa<::tenon::nn::ActivationAttr>($_self)">, "rounding of activations"> {
  let storageType = "::tenon::nn::ActivationAttr";
  let returnType = "::tenon::nn::Activation";
  let convertFromStorage = "$_self.getValue()";
  let constBuilderCall = "::tenon::nn::ActivationAttr::get($_builder.getContext(), $0)";
}

#endif // TENON_DIALECTS_MOE_DIALECT
