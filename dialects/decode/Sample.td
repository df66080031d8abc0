//===- Sample.td - tokens from logits ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_DIALECTS_DECODE_SAMPLE
#define TENON_DIALECTS_DECODE_SAMPLE

include "tenon/dialects/decode/Dialect.td"

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
    %t = decode.sample %logits, %uniform {temperature = 0.8 : f32, top_k = 40 : i64, top_p = 1.0 : f32}
        : tensor<?x256xf32>, tensor<?xf32> -> tensor<?xi32>
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

#endif // TENON_DIALECTS_DECODE_SAMPLE
