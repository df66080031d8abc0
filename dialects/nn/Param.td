//===- Param.td - parameters as symbols, and small constants ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_DIALECTS_NN_PARAM
#define TENON_DIALECTS_NN_PARAM

include "mlir/IR/SymbolInterfaces.td"
include "mlir/IR/AttrTypeBase.td"
include "tenon/dialects/nn/Types.td"

def NN_StoredAttr : AttrDef<NN_Dialect, "Stored"> {
  let mnemonic = "stored";
  let summary = "an array in a file";
  let description = [{
    The array of `type` whose bytes are in `file` from byte `offset` on, row-major and little-endian, blocks along the last dimension.
  }];
  let parameters = (ins "::mlir::StringAttr":$file, "int64_t":$offset, "::mlir::RankedTensorType":$type);
  let assemblyFormat = "`<` $file `at` $offset `:` $type `>`";
}

def NN_CodedAttr : AttrDef<NN_Dialect, "Coded"> {
  let mnemonic = "coded";
  let summary = "a tensor that a rule makes of several arrays";
  let description = [{
    A tensor of `shape` whose elements `rule` makes of the arrays `parts`. The rules are the files of dialects/nn/stored/coding: `gptq`,
    `gptq_v2`, `awq`, `packed`, `scaled` and `mxfp4`; each begins with its parts and its formula.
  }];
  let parameters = (ins "::mlir::StringAttr":$rule, "::mlir::DenseI64ArrayAttr":$shape, "::mlir::DictionaryAttr":$parts);
  let assemblyFormat = "`<` $rule $shape $parts `>`";
}

def NN_RowsAttr : AttrDef<NN_Dialect, "Rows"> {
  let mnemonic = "rows";
  let summary = "some rows of a stored tensor";
  let description = [{
    The rows `start` to `start + count` of `tensor`, an `#nn.stored` or `#nn.coded`, and again those `stride`, `2 * stride`, ... further
    on while the tensor has all of them; with `stride = 0` once.
  }];
  let parameters = (ins "::mlir::Attribute":$tensor, "int64_t":$start, "int64_t":$count, "int64_t":$stride);
  let assemblyFormat = "`<` $tensor `[` $start `,` $count `,` $stride `]` `>`";
}

def NN_ParamOp : NN_Op<"param", [Symbol, HasParent<"::mlir::ModuleOp">]> {
  let summary = "a parameter stored in files";
  let description = [{
    Declares the symbol of a parameter. Its bytes are in a file from an offset on, row-major in the order of its type, or it is made of
    `pieces`: tensors (`#nn.stored`, `#nn.coded`) or some of their rows (`#nn.rows`), one after another along the first dimension, the
    flattened leading dimensions if there are several. A row of a piece is as long as the last dimension of `type` if the tensor's last
    dimension is that too; otherwise it is one element. With `transposed` the last two dimensions of every tensor are exchanged first.
    `plus` is added to every element, then `function` is applied to it: `negative_exp` is `-exp(x)`, `negative_softplus` is
    `-log(1 + exp(x))`, `one_minus` is `1 - x`. Elements are rounded once to the element type of `type`. So `type` may be a block type whose
    blocks are made of stored floats.

    Weights of linear ops have the shape [out, in]. A relative file is relative to the folder of the module's own file. The values never
    become part of the IR. The parser is hand-written because the common form, one array of the parameter's own type, names it once.

    Constraints:
    * (C1) the shape of `type` is static.
    * (C2) the last dimension of a block-quantised type, also of a stored one, is a multiple of the block.
    * (C3) no offset is negative.
    * (C4) a piece is an `#nn.stored`, an `#nn.coded` or an `#nn.rows` of one of them.
    * (C5) the type of an array is static, not too large, and of elements that files hold.
    * (C6) the parts of an `#nn.coded` are arrays with the names, types and shapes that its rule reads.
    * (C7) the rows of a piece are in its tensor, and `stride` is 0 or at least `count`.
    * (C8) the pieces have as many elements as `type`, in whole rows and blocks.
    * (C9) tensors that are `transposed` are arrays of rank 2 or more with plain elements.
    * (C10) elements are of the type of the parameter, or it is one to which floats are rounded.
    * (C11) where `plus` or `function` is given, the elements of `type` are f32.
    * (C12) `function` is one of these.

    Example (test/dialects/nn/param.mlir):

    ```mlir
    nn.param @"blk.0.attn_q.weight" : tensor<576x576x!nn.q4_1> from "model.gguf" at 1234
    nn.param @"h.0.attn.c_attn.weight[key]" : tensor<64x64xf32>
        of [#nn.rows<#nn.stored<"model.safetensors" at 8192 : tensor<64x192xf32>>[64, 64, 0]>] transposed
    nn.param @"model.norm.weight" : tensor<64xf32> of [#nn.stored<"model.safetensors" at 512 : tensor<64xbf16>>] plus 1.0
    nn.param @mixer.A_log : tensor<16x64xf32> of [#nn.stored<"model.safetensors" at 0 : tensor<64x16xf32>>] transposed apply negative_exp
    ```

    Lowers to a row of the artifact's weight table.
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, TypeAttrOf<NN_AnyTensor>:$type, ArrayAttr:$pieces, UnitAttr:$transposed,
      OptionalAttr<F64Attr>:$plus, OptionalAttr<StrAttr>:$function);
  let assemblyFormat = "$sym_name `:` custom<ParamSource>($type, $pieces, $transposed, $plus, $function) attr-dict";
  let hasVerifier = 1;
  let builders = [
    // The parameter is one array of its own type.
    OpBuilder<(ins "::llvm::StringRef":$name, "::mlir::Type":$type, "::llvm::StringRef":$file, "int64_t":$offset)>,
    // The parameter is made of what the description says; the shape and format of 'type' are the description's.
    OpBuilder<(ins "::llvm::StringRef":$name, "::mlir::Type":$type, "const ::tenon::StoredParameter &":$stored)>
  ];
  let extraClassDeclaration = [{
    /// What the parameter is made of; relative files are in `folder`.
    ::tenon::StoredParameter describe(::llvm::StringRef folder);
  }];
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
