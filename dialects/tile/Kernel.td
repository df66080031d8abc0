//===- Kernel.td - fused kernels and their launches ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_DIALECTS_TILE_KERNEL
#define TENON_DIALECTS_TILE_KERNEL

include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "tenon/dialects/common/EvalInterface.td"
include "tenon/dialects/tile/Dialect.td"

// A value that crosses a kernel's border: a tensor, a record a row, a state slot or an index.
def Tile_Record : Type<CPred<"::llvm::isa<::tenon::RecordTypeInterface>($_self)">, "record">;
def Tile_KernelResult : AnyTypeOf<[AnyRankedTensor, Tile_Record]>;
def Tile_KernelOperand : AnyTypeOf<[AnyRankedTensor, Tile_Record, Index,
    Type<CPred<"::llvm::isa<::tenon::cache::SlotTypeInterface>($_self)">, "state slot">]>;

def Tile_KernelOp : Op<Tile_Dialect, "kernel", [Symbol, IsolatedFromAbove, SingleBlock, HasParent<"::mlir::ModuleOp">]> {
  let summary = "one fused kernel";
  let description = [{
    The region computes the results from the arguments with graph ops. `family` says which emitter takes it:

    * `contraction`: one or more linears of the same input, and an epilogue;
    * `attention`: one attention with its view of the cache, and an epilogue;
    * `scan`: one recurrence with its prologue and epilogue;
    * `grouped`: one or more grouped linears of the same input, and an epilogue;
    * `rowwise`: anything that needs one row (of the first dimension) at a time.

    KernelPart.h states each family's grammar. `schedule` is chosen when a target is known; the
    region does not depend on it. A kernel that was emitted for a GPU stays, and its `stages` say how it is launched.

    Constraints:
    * (C1) the region's arguments have the types of the signature's inputs.
    * (C2) `tile.yield` gives values of the types of the signature's results.
    * (C3) inputs are tensors, records, indices or state slots, and results are tensors or records.

    Example (test/dialects/tile/kernel.mlir):

    ```mlir
    tile.kernel @rms_norm_1a2b3c4d family(rowwise) (%x: tensor<?x64xf32>, %w: tensor<64xf32>) -> tensor<?x64xf32> {
      %y = nn.rms_norm %x, %w eps = 1.0e-5 : tensor<?x64xf32>, tensor<64xf32>
      tile.yield %y : tensor<?x64xf32>
    }
    ```

    Lowers to a function over the buffers of its arguments and results (Buffer.h), called by every thread of the team.
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, Tile_FamilyAttr:$family, TypeAttrOf<FunctionType>:$function_type,
                       OptionalAttr<Tile_ScheduleAttr>:$schedule, OptionalAttr<Tile_StagesAttr>:$stages);
  let regions = (region SizedRegion<1>:$body);
  // The names of the region's arguments stand in the signature, which the declarative format cannot say.
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
  let extraClassDeclaration = [{
    ::mlir::Block &getBlock() { return getBody().front(); }
    /// The operands of the region's `tile.yield`.
    ::mlir::OperandRange getYielded() { return getBlock().getTerminator()->getOperands(); }
  }];
  let skipDefaultBuilders = 1;
  let builders = [OpBuilder<(ins "::llvm::StringRef":$name, "::tenon::tile::Family":$family, "::mlir::FunctionType":$type), [{
      build($_builder, $_state, name, family, type, /*argumentLocs=*/{});
    }]>,
    // Makes the entry block too; arguments without a location get the op's.
    OpBuilder<(ins "::llvm::StringRef":$name, "::tenon::tile::Family":$family, "::mlir::FunctionType":$type,
                   "::llvm::ArrayRef<::mlir::Location>":$argumentLocs)>];
}

def Tile_GroupOp : Op<Tile_Dialect, "group", [IsolatedFromAbove, SingleBlock, DeclareOpInterfaceMethods<MemoryEffectsOpInterface>,
      DeclareOpInterfaceMethods<EvalOpInterface>]> {
  let summary = "ops of a host function that will be one kernel";
  let description = [{
    What fusion has decided, before it is outlined: the region computes the results from its arguments, which are the operands, and
    reads and writes the state slots among them.

    Constraints:
    * (C1) the region's arguments have the types of the operands.
    * (C2) `tile.yield` gives values of the types of the results.

    Example (test/dialects/tile/group.mlir):

    ```mlir
    %y = tile.group family(rowwise) (%x, %w) : (tensor<?x64xf32>, tensor<64xf32>) -> tensor<?x64xf32> {
    ^bb0(%a: tensor<?x64xf32>, %b: tensor<64xf32>):
      %n = nn.rms_norm %a, %b eps = 1.0e-5 : tensor<?x64xf32>, tensor<64xf32>
      tile.yield %n : tensor<?x64xf32>
    }
    ```

    Lowers to a `tile.kernel` and its launch.
  }];
  let arguments = (ins Tile_FamilyAttr:$family, Variadic<Tile_KernelOperand>:$inputs);
  let results = (outs Variadic<Tile_KernelResult>:$outputs);
  let regions = (region SizedRegion<1>:$body);
  // The directive is only there because an enum attribute prints a blank before its keyword.
  let assemblyFormat = [{
    `family` `(` custom<Family>($family) `)` ` ` `(` $inputs `)` attr-dict-with-keyword `:` functional-type($inputs, $outputs) $body
  }];
  let hasRegionVerifier = 1;
}

def Tile_YieldOp : Op<Tile_Dialect, "yield", [Pure, Terminator, ReturnLike, ParentOneOf<["KernelOp", "GroupOp"]>]> {
  let summary = "the results of a kernel";
  let description = [{
    Example (test/dialects/tile/kernel.mlir):

    ```mlir
    tile.yield %y : tensor<?x64xf32>
    ```
  }];
  let arguments = (ins Variadic<Tile_KernelResult>:$results);
  let assemblyFormat = "($results^)? attr-dict (`:` type($results)^)?";
}

def Tile_LaunchOp : Op<Tile_Dialect, "launch", [DeclareOpInterfaceMethods<SymbolUserOpInterface>,
      DeclareOpInterfaceMethods<MemoryEffectsOpInterface>, DeclareOpInterfaceMethods<EvalOpInterface>]> {
  let summary = "one run of a kernel";
  let description = [{
    The results of the kernel's region on the operands. A launch reads and writes the state slots among its operands
    and has no other effect. The location names the model's parts that the kernel computes.

    Constraints:
    * (C1) `kernel` names a `tile.kernel` of the module, or the function that it was emitted as.
    * (C2) operands and results have the types of the kernel's signature.

    Example (test/dialects/tile/kernel.mlir):

    ```mlir
    %y = tile.launch @rms_norm_1a2b3c4d(%x, %w) : (tensor<?x64xf32>, tensor<64xf32>) -> tensor<?x64xf32>
    ```

    Lowers to a call, with a barrier before it when it reads what another launch wrote.
  }];
  let arguments = (ins FlatSymbolRefAttr:$kernel, Variadic<Tile_KernelOperand>:$inputs);
  let results = (outs Variadic<Tile_KernelResult>:$outputs);
  let assemblyFormat = "$kernel `(` $inputs `)` attr-dict `:` functional-type($inputs, $outputs)";
  let extraClassDeclaration = [{
    /// The kernel that the symbol names; null in a module that does not verify.
    ::tenon::tile::KernelOp lookupKernel(::mlir::SymbolTableCollection *symbols = nullptr);
  }];
}

#endif // TENON_DIALECTS_TILE_KERNEL
