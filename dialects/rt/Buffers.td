//===- Buffers.td - buffers of a call and the barrier of its threads ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_DIALECTS_RT_BUFFERS
#define TENON_DIALECTS_RT_BUFFERS

include "mlir/IR/BuiltinAttributes.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "tenon/dialects/rt/Dialect.td"

class RT_Op<string mnemonic, list<Trait> traits = []> : Op<RT_Dialect, mnemonic, traits>;

//===----------------------------------------------------------------------===//
// Sizes of the call
//===----------------------------------------------------------------------===//

def RT_TokensOp : RT_Op<"tokens", [Pure]> {
  let summary = "number of tokens of the call";
  let description = [{
    `result = call.symbols[0]`; at least 0.

    Example (test/dialects/rt/buffers.mlir):

    ```mlir
    %tokens = rt.tokens %call
    ```

    Lowers to a load from the call.
  }];
  let arguments = (ins RT_CallType:$call);
  let results = (outs Index:$result);
  let assemblyFormat = "$call attr-dict";
}

def RT_PositionOp : RT_Op<"position", [Pure]> {
  let summary = "number of positions in the state before the call";
  let description = [{
    `result = call.position`; at least 0. It does not change during the call, whatever is appended.

    Example (test/dialects/rt/buffers.mlir):

    ```mlir
    %position = rt.position %call
    ```

    Lowers to a load from the call.
  }];
  let arguments = (ins RT_CallType:$call);
  let results = (outs Index:$result);
  let assemblyFormat = "$call attr-dict";
}

//===----------------------------------------------------------------------===//
// Buffers of the call
//===----------------------------------------------------------------------===//

// A buffer op: its dynamic dimensions are operands, in order.
class RT_BufferOp<string mnemonic> : RT_Op<mnemonic, [Pure]> {
  let results = (outs AnyMemRef:$result);
  let hasVerifier = 1;
}

// Constraints (C1) and (C2) that all buffers share, as text of the description.
defvar RT_bufferConstraints = [{
    Constraints:
    * (C1) The result has the identity layout.
    * (C2) There are as many sizes as dynamic dimensions.
}];

def RT_InputOp : RT_BufferOp<"input"> {
  let summary = "input of the entry";
  let description = !strconcat("`result` is the memory of `call.inputs[index]`; it must not be written.\n\n",
                               RT_bufferConstraints, [{
    * (C3) `index >= 0`.

    Example (test/dialects/rt/buffers.mlir):

    ```mlir
    %ids = rt.input %call[0] (%tokens) : memref<?xi32>
    ```

    Lowers to a memref descriptor around a pointer loaded from the call.
  }]);
  let arguments = (ins RT_CallType:$call, I64Attr:$index, Variadic<Index>:$sizes);
  let assemblyFormat = "$call `[` $index `]` (`(` $sizes^ `)`)? attr-dict `:` type($result)";
}

def RT_OutputOp : RT_BufferOp<"output"> {
  let summary = "output of the entry";
  let description = !strconcat("`result` is the memory of `call.outputs[index]`, undefined before it is written.\n\n",
                               RT_bufferConstraints, [{
    * (C3) `index >= 0`.

    Example (test/dialects/rt/buffers.mlir):

    ```mlir
    %logits = rt.output %call[0] (%tokens) : memref<?x49152xf32>
    ```

    Lowers to a memref descriptor around a pointer loaded from the call.
  }]);
  let arguments = (ins RT_CallType:$call, I64Attr:$index, Variadic<Index>:$sizes);
  let assemblyFormat = "$call `[` $index `]` (`(` $sizes^ `)`)? attr-dict `:` type($result)";
}

def RT_StateOp : RT_BufferOp<"state"> {
  let summary = "state slot of the session";
  let description = !strconcat("`result` is the memory of `call.states[index]`: the blocks of one that grows, or all of a fixed one.\n\n",
                               RT_bufferConstraints, [{
    * (C3) `index >= 0`.

    Example (test/dialects/rt/buffers.mlir):

    ```mlir
    %kv = rt.state %call[3] (%bytes) : memref<?xi8>
    ```

    Lowers to a memref descriptor around a pointer loaded from the call.
  }]);
  let arguments = (ins RT_CallType:$call, I64Attr:$index, Variadic<Index>:$sizes);
  let assemblyFormat = "$call `[` $index `]` (`(` $sizes^ `)`)? attr-dict `:` type($result)";
}

def RT_WeightOp : RT_BufferOp<"weight"> {
  let summary = "packed parameter";
  let description = [{
    `result` is the memory at `call.weights + offset`; it must not be written. `param` names the parameter for readers; the code needs
    only the offset.

    Constraints:
    * (C1) The result has the identity layout.
    * (C2) The result has a static shape.
    * (C3) `offset >= 0` and `offset` is a multiple of 64.

    Example (test/dialects/rt/buffers.mlir):

    ```mlir
    %w = rt.weight %call @"blk.0.attn_q.weight" at 2304 : memref<207360xi8>
    ```

    Lowers to a memref descriptor around a pointer computed from the call's weights.
  }];
  let arguments = (ins RT_CallType:$call, FlatSymbolRefAttr:$param, I64Attr:$offset);
  let assemblyFormat = "$call $param `at` $offset attr-dict `:` type($result)";
}

def RT_ArenaOp : RT_BufferOp<"arena"> {
  let summary = "temporary buffer";
  let description = !strconcat(
      "`result` is the memory at `call.arena + frame + place(tokens)`, where `frame` is the function's part of the arena.\n\n",
      RT_bufferConstraints, [{
    * (C3) `place` has multiples of 64.

    Example (test/dialects/rt/buffers.mlir):

    ```mlir
    %x = rt.arena %call[%frame] at <64 + 2304 * tokens> for %tokens (%tokens) : memref<?x576xf32>
    ```

    Lowers to a memref descriptor around a pointer computed from the call's arena.
  }]);
  let arguments = (ins RT_CallType:$call, Index:$frame, RT_ExtentAttr:$place, Index:$tokens, Variadic<Index>:$sizes);
  let assemblyFormat =
      "$call `[` $frame `]` `at` $place `for` $tokens (`(` $sizes^ `)`)? attr-dict `:` type($result)";
}

def RT_FrameOp : RT_Op<"frame", [Pure]> {
  let summary = "begin of a callee's part of the arena";
  let description = [{
    `result = frame + place(tokens)`.

    Constraints:
    * (C1) `place` has multiples of 64.

    Example (test/dialects/rt/buffers.mlir):

    ```mlir
    %inner = rt.frame %frame at <64 + 4608 * tokens> for %tokens
    ```

    Lowers to a multiplication and additions.
  }];
  let arguments = (ins Index:$frame, RT_ExtentAttr:$place, Index:$tokens);
  let results = (outs Index:$result);
  let assemblyFormat = "$frame `at` $place `for` $tokens attr-dict";
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// The team
//===----------------------------------------------------------------------===//

def RT_BarrierOp : RT_Op<"barrier", [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "barrier of the call's threads";
  let description = [{
    Returns when every thread of the team has called it equally often; what any of them wrote before is then visible to all. All threads
    must pass the same barriers in the same order.

    Example (test/dialects/rt/buffers.mlir):

    ```mlir
    rt.barrier %call, %thread
    ```

    Lowers to an indirect call of `call.barrier`.
  }];
  let arguments = (ins RT_CallType:$call, Index:$thread);
  let assemblyFormat = "$call `,` $thread attr-dict";
}

#endif // TENON_DIALECTS_RT_BUFFERS
