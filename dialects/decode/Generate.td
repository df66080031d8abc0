//===- Generate.td - the generate loop ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_DIALECTS_DECODE_GENERATE
#define TENON_DIALECTS_DECODE_GENERATE

include "tenon/dialects/decode/Dialect.td"

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

#endif // TENON_DIALECTS_DECODE_GENERATE
