//===- Attention.td - softmax attention ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_DIALECTS_NN_ATTENTION
#define TENON_DIALECTS_NN_ATTENTION

include "tenon/dialects/nn/Types.td"

def NN_AttentionOp : NN_Op<"attention", [Pure, AttrSizedOperandSegments]> {
  let summary = "softmax attention of queries over keys and values";
  let description = [{
    For query t and head h, with S keys, T queries and the kv head `g = h / (H / K)`:

    * `score[s] = scale * sum_i query[t, h, i] * key[s, g, i]`;
    * `score[s] = soft_cap * tanh(score[s] / soft_cap)` when `soft_cap` is given;
    * `score[s] += bias[t, s]` or `bias[h, t, s]`;
    * `score[s] += slopes[h] * (s - p)`, with `p = S - T + t` (aligned at the bottom right);
    * key s is visible when not `causal` or `s <= p`, and without a `window` or with `s > p - window`, and without a
      `chunk` or with `floor(s / chunk) = floor(p / chunk)`;
    * `weight[s] = exp(score[s]) / (exp(sinks[h]) + sum_s exp(score[s]))` over the visible keys, without the first
      term of the divisor when there are no `sinks`;
    * `result[t, h, :] = sum_s weight[s] * value[s, g, :]`.

    A query that sees no key is undefined; the evaluator gives zero. Values may have another size than keys.

    Constraints:
    * (C1) `query`, `key` and `value` have rank 3.
    * (C2) `dim(key, 0) = dim(value, 0)` and `dim(key, 1) = dim(value, 1)`.
    * (C3) `dim(query, 2) = dim(key, 2)`.
    * (C4) the number of query heads is a multiple of the number of key heads.
    * (C5) `shape(result) = [dim(query, 0), dim(query, 1), dim(value, 2)]`.
    * (C6) `shape(bias) = [dim(query, 0), dim(key, 0)]`, optionally with `dim(query, 1)` in front.
    * (C7) `window` is positive and stands with `causal`.
    * (C8) `soft_cap` is positive.
    * (C9) `chunk` is positive and stands with `causal`.
    * (C10) `shape(sinks) = [dim(query, 1)]`.
    * (C11) `shape(slopes) = [dim(query, 1)]`.

    Example (test/dialects/nn/attention.mlir):

    ```mlir
    %r = nn.attention %q, %k, %v {scale = 0.125 : f32, causal}
        : tensor<?x9x64xf32>, tensor<?x3x64xf32>, tensor<?x3x64xf32> -> tensor<?x9x64xf32>
    %0 = nn.attention %q, %k, %k sinks(%h : tensor<2xf32>) {scale = 0.5 : f32, causal}
        : tensor<?x2x8xf32>, tensor<?x1x8xf32>, tensor<?x1x8xf32> -> tensor<?x2x8xf32>
    ```

    Lowers to an attention kernel, which reads the cache that key and value are a view of.
  }];
  let arguments = (ins NN_FloatTensor:$query, NN_FloatTensor:$key, NN_FloatTensor:$value,
      Optional<NN_FloatTensor>:$bias, Optional<NN_F32Tensor>:$sinks, Optional<NN_F32Tensor>:$slopes, F32Attr:$scale,
      UnitAttr:$causal, OptionalAttr<NN_I64Attr>:$window, OptionalAttr<NN_I64Attr>:$chunk, OptionalAttr<F32Attr>:$soft_cap);
  let results = (outs NN_FloatTensor:$result);
  let assemblyFormat = [{
    $query `,` $key `,` $value (`,` `bias` $bias^)? (`sinks` `(` $sinks^ `:` type($sinks) `)`)?
    (`slopes` `(` $slopes^ `:` type($slopes) `)`)? attr-dict `:` type($query) `,` type($key) `,` type($value)
    (`,` type($bias)^)? `->` type($result)
  }];
  let hasVerifier = 1;
}

#endif // TENON_DIALECTS_NN_ATTENTION
