//===- Ops.td - state slots and what is done with them ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_DIALECTS_CACHE_OPS
#define TENON_DIALECTS_CACHE_OPS

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/OpBase.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "tenon/dialects/cache/StatefulInterface.td"
include "tenon/dialects/common/EvalInterface.td"

def Cache_Dialect : Dialect {
  let name = "cache";
  let cppNamespace = "::tenon::cache";
  let summary = "what persists between calls";
  let description = [{
    Named slots of state, their lengths, and going back to an earlier state. A slot is a module-level
    symbol; functions get it as a value and pass it to blocks. Layout is not described here: a kernel
    sees a slot as bytes in the order that `tile` fixes.
  }];
  let useDefaultTypePrinterParser = 1;
}

class Cache_Op<string mnemonic, list<Trait> traits = []>
    : Op<Cache_Dialect, mnemonic, !listconcat(traits, [DeclareOpInterfaceMethods<EvalOpInterface>])>;

def Cache_Kv : TypeDef<Cache_Dialect, "Kv", [DeclareTypeInterfaceMethods<SlotTypeInterface>]> {
  let mnemonic = "kv";
  let summary = "keys and values of one layer";
  let description = [{
    A growing list of positions, each with `heads` keys and `heads` values of `dim` elements, stored as `elementType`.
    A `latent` slot keeps no values: the value of a head is the first `latent` elements of its key.

    Constraints:
    * (C1) `heads` and `dim` are positive.
    * (C2) `elementType` is f32 or f16.
    * (C3) `latent` is not negative and at most `dim`; 0 means that values are kept.
  }];
  let parameters = (ins "int64_t":$heads, "int64_t":$dim, "::mlir::Type":$elementType,
                        DefaultValuedParameter<"int64_t", "0">:$latent);
  let builders = [TypeBuilder<(ins "int64_t":$heads, "int64_t":$dim, "::mlir::Type":$elementType),
                              "return $_get($_ctxt, heads, dim, elementType, 0);">];
  let assemblyFormat = "`<` `heads` `=` $heads `,` `dim` `=` $dim `,` $elementType (`,` `latent` `=` $latent^)? `>`";
  let extraClassDeclaration = [{
    /// The number of elements of a value: those of a key, or the leading ones that a latent slot shares.
    int64_t getValueDim() const { return getLatent() ? getLatent() : getDim(); }
  }];
  let genVerifyDecl = 1;
}

def Cache_Recurrent : TypeDef<Cache_Dialect, "Recurrent", [DeclareTypeInterfaceMethods<SlotTypeInterface>]> {
  let mnemonic = "recurrent";
  let summary = "the state of one recurrence of one layer";
  let description = [{
    A tensor of `shape` that every call replaces, all zeros at the start: what a recurrence carries from one position to the next.
    It does not grow, so a sequence of any length takes the same bytes.

    Constraints:
    * (C1) the shape has a rank of at least 1 and positive dimensions.
    * (C2) `elementType` is f32.
    * (C3) the shape has at most 2^40 elements.

    Example (test/dialects/cache/recurrent.mlir):

    ```mlir
    cache.declare @ssm0 : !cache.recurrent<16x1536xf32>
    ```
  }];
  let parameters = (ins ArrayRefParameter<"int64_t">:$shape, "::mlir::Type":$elementType);
  let assemblyFormat = "`<` custom<Shape>($shape, $elementType) `>`";
  let extraClassDeclaration = [{
    /// The state as a value of the graph.
    ::mlir::RankedTensorType getTensorType() const { return ::mlir::RankedTensorType::get(getShape(), getElementType()); }
  }];
  let genVerifyDecl = 1;
}

def Cache_Mark : TypeDef<Cache_Dialect, "Mark"> {
  let mnemonic = "mark";
  let summary = "a state that a slot can go back to";
}

def Cache_Slot : Type<CPred<"::llvm::isa<::tenon::cache::SlotTypeInterface>($_self)">, "state slot">;

def Cache_DeclareOp : Cache_Op<"declare", [Symbol, HasParent<"::mlir::ModuleOp">]> {
  let summary = "a state slot of the module";
  let description = [{
    Declares a slot, empty at the start of a session.

    Constraints:
    * (C1) `type` is a slot type.

    Example (test/dialects/cache/cache.mlir):

    ```mlir
    cache.declare @kv0 : !cache.kv<heads = 3, dim = 64, f16>
    ```

    Lowers to a row of the module's table of slots.
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, TypeAttr:$type);
  let assemblyFormat = "$sym_name `:` $type attr-dict";
  let hasVerifier = 1;
}

def Cache_GetOp : Cache_Op<"get", [Pure, DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "the slot of a symbol";
  let description = [{
    `result = slot of the symbol`.

    Constraints:
    * (C1) `slot` names a `cache.declare` of the module.
    * (C2) the result has the declared type.

    Example (test/dialects/cache/cache.mlir):

    ```mlir
    %c = cache.get @kv0 : !cache.kv<heads = 3, dim = 64, f16>
    ```

    Lowers to the address of the slot's bytes.
  }];
  let arguments = (ins FlatSymbolRefAttr:$slot);
  let results = (outs Cache_Slot:$result);
  let assemblyFormat = "$slot attr-dict `:` type($result)";
}

def Cache_LengthOp : Cache_Op<"length", [DeclareOpInterfaceMethods<StatefulOpInterface>]> {
  let summary = "the number of positions in a slot";
  let description = [{
    `result = number of positions of the calls before this one`, and of those that this call has appended already.

    Example (test/dialects/cache/cache.mlir):

    ```mlir
    %n = cache.length %c : !cache.kv<heads = 3, dim = 64, f16> -> index
    ```

    Lowers to the call's position.
  }];
  let arguments = (ins Arg<Cache_Slot, "the slot", [MemRead]>:$slot);
  let results = (outs Index:$result);
  let assemblyFormat = "$slot attr-dict `:` type($slot) `->` type($result)";
}

def Cache_AppendOp : Cache_Op<"append", [DeclareOpInterfaceMethods<StatefulOpInterface>]> {
  let summary = "keys and values of new positions put at a slot's end";
  let description = [{
    Appends `dim(key, 0)` positions; elements are rounded to the slot's element type.

    Constraints:
    * (C1) `key` and `value` have the shape [T, heads, dim].
    * (C2) the number of positions of `key` and `value` is the same.
    * (C3) `value` is there unless the slot is latent.

    Example (test/dialects/cache/cache.mlir):

    ```mlir
    cache.append %c, %k, %v : !cache.kv<heads = 3, dim = 64, f16>, tensor<?x3x64xf32>, tensor<?x3x64xf32>
    cache.append %l, %c : !cache.kv<heads = 1, dim = 576, f16, latent = 512>, tensor<?x1x576xf32>
    ```

    Lowers to the epilogue of the kernel that makes keys and values.
  }];
  let arguments = (ins Arg<Cache_Kv, "the slot", [MemRead, MemWrite]>:$slot, RankedTensorOf<[F32, F16, BF16]>:$key,
                       Optional<RankedTensorOf<[F32, F16, BF16]>>:$value);
  let assemblyFormat = [{
    $slot `,` $key (`,` $value^)? attr-dict `:` qualified(type($slot)) `,` type($key) (`,` type($value)^)?
  }];
  let hasVerifier = 1;
}

def Cache_ViewOp : Cache_Op<"view", [DeclareOpInterfaceMethods<StatefulOpInterface>]> {
  let summary = "all keys and values of a slot";
  let description = [{
    `key[s, h, i]` and `value[s, h, i]` of position s, as stored, for all positions appended before this op.

    Constraints:
    * (C1) `key` has the type `tensor<?xHxDxf32>` with the slot's heads and dim, `value` the same or, if the slot is
      latent, `tensor<?xHxLxf32>` with the first elements of the keys.

    Example (test/dialects/cache/cache.mlir):

    ```mlir
    %k, %v = cache.view %c : !cache.kv<heads = 3, dim = 64, f16> -> tensor<?x3x64xf32>, tensor<?x3x64xf32>
    ```

    Lowers into the attention kernel, which reads the slot's bytes.
  }];
  let arguments = (ins Arg<Cache_Kv, "the slot", [MemRead]>:$slot);
  let results = (outs RankedTensorOf<[F32]>:$key, RankedTensorOf<[F32]>:$value);
  let assemblyFormat = "$slot attr-dict `:` qualified(type($slot)) `->` type($key) `,` type($value)";
  let hasVerifier = 1;
}

def Cache_ReadOp : Cache_Op<"read", [DeclareOpInterfaceMethods<StatefulOpInterface>]> {
  let summary = "the state that a recurrent slot holds";
  let description = [{
    `result = what was last written to the slot`, zeros at the start.

    Constraints:
    * (C1) the result is a tensor of the slot's shape and element type.

    Example (test/dialects/cache/recurrent.mlir):

    ```mlir
    %s = cache.read %c : !cache.recurrent<16x1536xf32> -> tensor<16x1536xf32>
    ```

    Lowers into the kernel of the recurrence, which reads the slot's bytes.
  }];
  let arguments = (ins Arg<Cache_Recurrent, "the slot", [MemRead]>:$slot);
  let results = (outs RankedTensorOf<[F32]>:$result);
  let assemblyFormat = "$slot attr-dict `:` qualified(type($slot)) `->` type($result)";
  let builders = [OpBuilder<(ins "::mlir::Value":$slot), [{
    build($_builder, $_state, ::llvm::cast<RecurrentType>(slot.getType()).getTensorType(), slot);
  }]>];
  let hasVerifier = 1;
}

def Cache_WriteOp : Cache_Op<"write", [DeclareOpInterfaceMethods<StatefulOpInterface>]> {
  let summary = "the state that a recurrent slot holds from now on";
  let description = [{
    Replaces the slot's contents by `value`.

    Constraints:
    * (C1) `value` is a tensor of the slot's shape and element type.

    Example (test/dialects/cache/recurrent.mlir):

    ```mlir
    cache.write %c, %s : !cache.recurrent<16x1536xf32>, tensor<16x1536xf32>
    ```

    Lowers into the kernel of the recurrence, which changes the slot's bytes in place.
  }];
  let arguments = (ins Arg<Cache_Recurrent, "the slot", [MemWrite]>:$slot, RankedTensorOf<[F32]>:$value);
  let assemblyFormat = "$slot `,` $value attr-dict `:` qualified(type($slot)) `,` type($value)";
  let hasVerifier = 1;
}

def Cache_MarkOp : Cache_Op<"mark", [DeclareOpInterfaceMethods<StatefulOpInterface>]> {
  let summary = "the present state of a slot, to return to";
  let description = [{
    Example (test/dialects/cache/cache.mlir):

    ```mlir
    %m = cache.mark %c : !cache.kv<heads = 3, dim = 64, f16> -> !cache.mark
    ```

    Lowers to the slot's length, or to a recurrent state that the mark and the slot share until the next call.
  }];
  let arguments = (ins Arg<Cache_Slot, "the slot", [MemRead]>:$slot);
  let results = (outs Cache_Mark:$result);
  let assemblyFormat = "$slot attr-dict `:` type($slot) `->` qualified(type($result))";
}

def Cache_RewindOp : Cache_Op<"rewind", [DeclareOpInterfaceMethods<StatefulOpInterface>]> {
  let summary = "a slot set back to a mark";
  let description = [{
    After it the slot is as it was at the mark, bit for bit, whatever was appended since. A mark of another
    slot is undefined; so is one that lies before a later rewind to an earlier mark.

    Example (test/dialects/cache/cache.mlir):

    ```mlir
    cache.rewind %c, %m : !cache.kv<heads = 3, dim = 64, f16>, !cache.mark
    ```

    Lowers to the slot's length, or to the recurrent state that the mark shares.
  }];
  let arguments = (ins Arg<Cache_Slot, "the slot", [MemRead, MemWrite]>:$slot, Cache_Mark:$mark);
  let assemblyFormat = "$slot `,` $mark attr-dict `:` type($slot) `,` qualified(type($mark))";
}

def Cache_ForkOp : Cache_Op<"fork", [DeclareOpInterfaceMethods<StatefulOpInterface>, AllTypesMatch<["slot", "result"]>]> {
  let summary = "an independent copy of a slot";
  let description = [{
    The result holds what the slot holds; appending to one does not change the other.

    Example (test/dialects/cache/cache.mlir):

    ```mlir
    %d = cache.fork %c : !cache.kv<heads = 3, dim = 64, f16>
    ```

    Lowers to a copy of the used blocks, or to a recurrent state that both share until the next call of either.
  }];
  let arguments = (ins Arg<Cache_Slot, "the slot", [MemRead]>:$slot);
  let results = (outs Res<Cache_Slot, "the copy", [MemAlloc]>:$result);
  let assemblyFormat = "$slot attr-dict `:` type($slot)";
}

#endif // TENON_DIALECTS_CACHE_OPS
