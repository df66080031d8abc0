//===- Passes.td - from launches to the runtime's ABI ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_PASSES_LOWER_PASSES
#define TENON_PASSES_LOWER_PASSES

include "mlir/Pass/PassBase.td"

def AssignWeightsPass : Pass<"tenon-assign-weights", "::mlir::ModuleOp"> {
  let summary = "gives every used parameter its place in the packed weights";
  let description = [{
    Parameters get offsets, multiples of 64, in the order in which functions first get them, so that a step reads the file from front to
    back. A parameter that nothing gets has no place and is not packed.

    ```mlir
    nn.param @a : tensor<100xf32> from "model.gguf" at 0
    nn.param @b : tensor<64x64xf32> from "model.gguf" at 400
    ```
    becomes, when @b is used first,
    ```mlir
    module attributes {rt.weights_bytes = 16784 : i64} {
      nn.param @a : tensor<100xf32> from "model.gguf" at 0 {rt.weight_offset = 16384 : i64}
      nn.param @b : tensor<64x64xf32> from "model.gguf" at 400 {rt.weight_offset = 0 : i64}
    ```
  }];
  let dependentDialects = ["::tenon::rt::RTDialect"];
}

def PlanArenaPass : Pass<"tenon-plan-arena", "::mlir::ModuleOp"> {
  let summary = "places every temporary of the host functions in one arena";
  let description = [{
    Decides where barriers must stand (`rt.wait`), how long each temporary lives between them, and where it lies in its function's part of
    the arena (`rt.placement`). A callee's part begins where its caller's own ends (`rt.frame` of the call), so functions that are called
    one after the other share memory. All places are affine in the number of tokens; `rt.frame` of an entry is the arena that it needs.

    ```mlir
    %a = tile.launch @f(%x) : (tensor<?x64xf32>) -> tensor<?x64xf32>
    %b = tile.launch @g(%a) : (tensor<?x64xf32>) -> tensor<?x64xf32>
    return %b : tensor<?x64xf32>
    ```
    becomes
    ```mlir
    %a = tile.launch @f(%x) {rt.placement = [#rt.extent<0 + 0 * tokens>]} : ...
    %b = tile.launch @g(%a) {rt.placement = [unit], rt.wait} : ...   // the function's result: placed by the caller
    return %b : tensor<?x64xf32>
    ```
  }];
  let dependentDialects = ["::tenon::rt::RTDialect"];
}

def LowerHostPass : Pass<"tenon-lower-host", "::mlir::ModuleOp"> {
  let summary = "turns host functions over tensors into SPMD programs over the call's buffers";
  let description = [{
    Follows the plan of `tenon-plan-arena` and `tenon-assign-weights`. An entry takes the call and its thread; other functions take also
    their part of the arena, the buffers of their operands and those of their results. A launch becomes a call of the emitted kernel.
    Declarations of parameters, slots and loops go: an artifact's facts have been read off them before.

    ```mlir
    func.func @next(%ids: tensor<?xi32>) -> tensor<?x64xf32> attributes {tenon.entry} {
      %w = nn.get_param @w : tensor<256x64xf32>
      %y = tile.launch @k(%ids, %w) {rt.placement = [unit]} : (tensor<?xi32>, tensor<256x64xf32>) -> tensor<?x64xf32>
      return %y : tensor<?x64xf32>
    }
    ```
    becomes
    ```mlir
    func.func @next(%call: !rt.call, %thread: index, %threads: index) attributes {tenon.entry} {
      %tokens = rt.tokens %call
      %position = rt.position %call
      %ids = rt.input %call[0] (%tokens) : memref<?xi32>
      %y = rt.output %call[0] (%tokens) : memref<?x64xf32>
      %w = rt.weight %call @w at 0 : memref<256x64xf32>
      func.call @k(%thread, %threads, %tokens, %position, %ids, %w, %y) : ...
      return
    }
    ```
  }];
  let dependentDialects = ["::tenon::rt::RTDialect", "::mlir::arith::ArithDialect", "::mlir::func::FuncDialect",
                           "::mlir::memref::MemRefDialect"];
}

def VerifyHostPass : Pass<"tenon-verify-host", "::mlir::ModuleOp"> {
  let summary = "checks that only the ABI and loops are left";
  let description = [{
    The contract of the host level: functions take and hold no tensors and no state slots, no kernel is left unemitted, and every call names
    a function with a body. What follows may assume it.
  }];
}

def FinishLLVMPass : Pass<"tenon-finish-llvm", "::mlir::ModuleOp"> {
  let summary = "tells LLVM what the lowering to it cannot";
  let description = [{
    Private functions become internal. The buffers of a kernel do not overlap, apart from operands that are only read: the arena's plan and
    the runtime's checks see to that, and each pointer argument of a kernel says so.

    ```mlir
    llvm.func @k(%buffer: !llvm.ptr) attributes {sym_visibility = "private", tenon.kernel}
    ```
    becomes
    ```mlir
    llvm.func internal @k(%buffer: !llvm.ptr {llvm.noalias})
    ```
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
}

#endif // TENON_PASSES_LOWER_PASSES
