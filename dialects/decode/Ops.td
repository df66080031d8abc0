//===- Ops.td - choosing tokens and the generate loop ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_DIALECTS_DECODE_OPS
#define TENON_DIALECTS_DECODE_OPS

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

def Decode_GreedyOp : Decode_Op<"greedy", [Pure]> {
  let summary = "the most likely token of each row";
  let description = [{
    `result[t] = argmax_i logits[t, i]`; of equal logits the lowest index wins.

    Constraints:
    * (C1) `logits` has rank 2 and `shape(result) = [dim(logits, 0)]`.

    Example (test/dialects/decode/sample.mlir):

    ```mlir
    %t = decode.greedy %logits : tensor<1x256xf32> -> tensor<1xi32>
    ```

    Lowers to the runtime's sampler.
  }];
  let arguments = (ins Decode_LogitsTensor:$logits);
  let results = (outs Decode_TokenTensor:$result);
  let assemblyFormat = "$logits attr-dict `:` type($logits) `->` type($result)";
  let hasVerifier = 1;
}

def Decode_SampleOp : Decode_Op<"sample", [Pure]> {
  let summary = "a token of each row drawn from its filtered distribution";
  let description = [{
    For each row l of the logits, the candidates are ordered by falling logit, equal ones by rising index. At
    temperature 0 the result is the first candidate, as of `decode.greedy`. Otherwise, with
    `w[i] = exp((l[i] - max l) / temperature)` and in this order:

    * `top_k`: only the first k stay (0: all);
    * `top_p`: with W the sum of w over those that stayed, candidates stay up to and including the first at
      which the running sum is at least `top_p * W` (1: all);
    * `min_p`: those with `w[i] < min_p` go (0: none);
    * with W the sum over those that stayed, the result is the first i, in the order of indices, at which
      the running sum exceeds `uniform * W`, or the last that stayed if none does.

    Logits with a value that is not a number are undefined; the evaluator reports them.

    Constraints:
    * (C1) `logits` has rank 2, and `shape(uniform) = shape(result) = [dim(logits, 0)]`.
    * (C2) `temperature` is finite and not negative.
    * (C3) `top_k` is not negative.
    * (C4) `0 < top_p <= 1`.
    * (C5) `0 <= min_p <= 1`.

    Example (test/dialects/decode/sample.mlir):

    ```mlir
    %t = decode.sample %logits, %uniform {temperature = 0.8 : f32, top_k = 40 : i64}
        : tensor<1x256xf32>, tensor<1xf32> -> tensor<1xi32>
    ```

    Lowers to the runtime's sampler.
  }];
  let arguments = (ins Decode_LogitsTensor:$logits, RankedTensorOf<[F32]>:$uniform,
      DefaultValuedAttr<F32Attr, "1.0">:$temperature, DefaultValuedAttr<Decode_I64Attr, "0">:$top_k,
      DefaultValuedAttr<F32Attr, "1.0">:$top_p, DefaultValuedAttr<F32Attr, "0.0">:$min_p);
  let results = (outs Decode_TokenTensor:$result);
  let assemblyFormat = "$logits `,` $uniform attr-dict `:` type($logits) `,` type($uniform) `->` type($result)";
  let hasVerifier = 1;
}

def Decode_GenerateOp : Decode_Op<"generate", [Symbol, IsolatedFromAbove, HasParent<"::mlir::ModuleOp">,
      SingleBlock, DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "the loop that generates tokens";
  let description = [{
    Calls the function `step` with the prompt, gives its logits and a uniform number to the region, which
    chooses a token, and repeats with that token alone, until it is one of `eos` or the caller's
    limit is reached:

    ```
    tokens = prompt
    repeat:  token = region(step(tokens), uniform());  if token in eos: stop;  emit token;  tokens = [token]
    ```

    Evaluated with the operands prompt (i32), uniform numbers (f32, one a token; missing ones are 0) and the
    limit (index); the result is the tensor of emitted tokens.

    Constraints:
    * (C1) `step` names a function of one `tensor<?xi32>` argument and one `tensor<1xVxf32>` result.
    * (C2) the region takes the step's logits and a `tensor<1xf32>`, and yields one `tensor<1xi32>`.

    Example (test/dialects/decode/generate.mlir):

    ```mlir
    decode.generate @generate step @next eos [0, 2] {
    ^bb0(%logits: tensor<1x256xf32>, %uniform: tensor<1xf32>):
      %t = decode.greedy %logits : tensor<1x256xf32> -> tensor<1xi32>
      decode.yield %t : tensor<1xi32>
    }
    ```

    Lowers to the runtime's generate loop with the module's end tokens.
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, FlatSymbolRefAttr:$step, DenseI64ArrayAttr:$eos);
  let regions = (region SizedRegion<1>:$choose);
  let assemblyFormat = "$sym_name `step` $step `eos` $eos attr-dict-with-keyword $choose";
  let hasRegionVerifier = 1;
}

def Decode_YieldOp : Decode_Op<"yield", [Pure, Terminator, ReturnLike, HasParent<"GenerateOp">]> {
  let summary = "the token that a region has chosen";
  let description = [{
    Example (test/dialects/decode/generate.mlir):

    ```mlir
    decode.yield %t : tensor<1xi32>
    ```
  }];
  let arguments = (ins Decode_TokenTensor:$token);
  let assemblyFormat = "$token attr-dict `:` type($token)";
}

#endif // TENON_DIALECTS_DECODE_OPS
