//===- Param.td - parameters as symbols, and small constants ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_DIALECTS_NN_PARAM
#define TENON_DIALECTS_NN_PARAM

include "mlir/IR/SymbolInterfaces.td"
include "tenon/dialects/nn/Types.td"

def NN_ParamOp : NN_Op<"param", [Symbol, HasParent<"::mlir::ModuleOp">]> {
  let summary = "a parameter stored in a file";
  let description = [{
    Declares the symbol of a parameter whose bytes are in the file `source` from byte `offset` on, row-major
    in the order of its type. Weights of linear ops have the shape [out, in]. A relative source is relative
    to the folder of the module's own file. The values never become part of the IR.

    Constraints:
    * (C1) the shape of `type` is static.
    * (C2) the last dimension of a block-quantised `type` is a multiple of the block.
    * (C3) `offset` is not negative.

    Example (test/dialects/nn/param.mlir):

    ```mlir
    nn.param @"blk.0.attn_q.weight" : tensor<576x576x!nn.q4_1> from "model.gguf" at 1234
    ```

    Lowers to a row of the artifact's weight table.
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, TypeAttrOf<NN_AnyTensor>:$type, StrAttr:$source, NN_I64Attr:$offset);
  let assemblyFormat = "$sym_name `:` $type `from` $source `at` $offset attr-dict";
  let hasVerifier = 1;
}

def NN_GetParamOp : NN_Op<"get_param", [Pure, DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "the value of a parameter";
  let description = [{
    `result = value of the symbol`.

    Constraints:
    * (C1) `param` names an `nn.param` of the module.
    * (C2) the result has the parameter's type.

    Example (test/dialects/nn/param.mlir):

    ```mlir
    %w = nn.get_param @"blk.0.attn_q.weight" : tensor<576x576x!nn.q4_1>
    ```

    Lowers to the address of the packed weight.
  }];
  let arguments = (ins FlatSymbolRefAttr:$param);
  let results = (outs NN_AnyTensor:$result);
  let assemblyFormat = "$param attr-dict `:` type($result)";
}

def NN_ConstantOp : NN_Op<"constant", [Pure, ConstantLike, AllTypesMatch<["value", "result"]>]> {
  let summary = "a small constant tensor";
  let description = [{
    `result = value`. For tables of a few hundred numbers such as rotary frequencies; parameters are
    `nn.param` symbols.

    Constraints:
    * (C1) `value` has at most 65536 elements.

    Example (test/dialects/nn/param.mlir):

    ```mlir
    %f = nn.constant dense<[1.0, 0.1]> : tensor<2xf32>
    ```

    Lowers to a constant of the code object.
  }];
  let arguments = (ins ElementsAttr:$value);
  let results = (outs NN_FloatOrIntegerTensor:$result);
  let assemblyFormat = "attr-dict $value";
  let hasVerifier = 1;
  let hasFolder = 1;
}

#endif // TENON_DIALECTS_NN_PARAM
