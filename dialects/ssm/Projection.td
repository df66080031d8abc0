//===- Projection.td - the past as coefficients of a basis ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_DIALECTS_SSM_PROJECTION
#define TENON_DIALECTS_SSM_PROJECTION

include "tenon/dialects/ssm/Dialect.td"

def SSM_Measure : I32EnumAttr<"Measure", "what the past is weighed by, and the basis that it is projected onto", [
    I32EnumAttrCase<"legs", 0>, I32EnumAttrCase<"legt", 1>, I32EnumAttrCase<"lagt", 2>, I32EnumAttrCase<"fout", 3>]> {
  let cppNamespace = "::tenon::ssm";
  let genSpecializedAttr = 0;
}
def SSM_MeasureAttr : EnumAttr<SSM_Dialect, SSM_Measure, "measure">;

def SSM_Rule : I32EnumAttr<"Rule", "how a step of time is taken", [
    I32EnumAttrCase<"euler", 0>, I32EnumAttrCase<"bilinear", 1>, I32EnumAttrCase<"zoh", 2>]> {
  let cppNamespace = "::tenon::ssm";
  let genSpecializedAttr = 0;
}
def SSM_RuleAttr : EnumAttr<SSM_Dialect, SSM_Rule, "rule">;

def SSM_HippoOp : SSM_Op<"hippo", [Pure]> {
  let summary = "the step that projects a window of the past onto a basis";
  let description = [{
    The transition `c' = A c + B f` of `measure` (dialects/ssm/hippo/Hippo.h), discretised by `rule` for a step of `step` units of time:
    `c[k] = a c[k-1] + b f[k]`. A window of w samples has the step 2 / w for `legt` and `fout`. Made at compile time, in double precision.

    Constraints:
    * (C1) `a` has the shape [N, N] and `b` the shape [N], N being at least 1 and even for `fout`.
    * (C2) `step` is positive and finite.

    Example (test/dialects/ssm/projection.mlir):

    ```mlir
    %a, %b = ssm.hippo legt bilinear step = 3.125e-02 -> tensor<16x16xf32>, tensor<16xf32>
    ```

    Folds to constants.
  }];
  let arguments = (ins SSM_MeasureAttr:$measure, SSM_RuleAttr:$rule, F64Attr:$step);
  let results = (outs NN_F32Tensor:$a, NN_F32Tensor:$b);
  let assemblyFormat = "$measure $rule `step` `=` $step attr-dict `->` type($a) `,` type($b)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def SSM_Init : I32EnumAttr<"Init", "eigenvalues that diagonal state spaces begin with", [
    I32EnumAttrCase<"lin", 0>, I32EnumAttrCase<"inv", 1>, I32EnumAttrCase<"legs_diagonal", 2, "legs">, I32EnumAttrCase<"real", 3>]> {
  let cppNamespace = "::tenon::ssm";
  let genSpecializedAttr = 0;
}
def SSM_InitAttr : EnumAttr<SSM_Dialect, SSM_Init, "init">;

def SSM_DiagonalOp : SSM_Op<"diagonal", [Pure]> {
  let summary = "the step of a diagonal state space";
  let description = [{
    The eigenvalues of S4D: `lin` -1/2 + i pi n, `inv` -1/2 + i (2N/pi) (2N/(2n+1) - 1), `legs` those of LegS without its low
    rank (N of each pair of conjugates), `real` -(n+1); with input 1, discretised by `rule` for the step `steps[c]` of each channel.
    What ssm.lti takes, made at compile time in double precision.

    Constraints:
    * (C1) `decay` and `phase` have the shape [N, C] and `b` the shape [2, N, C], N and C being at least 1.
    * (C2) there is a step for each channel, positive and finite.

    Example (test/dialects/ssm/projection.mlir):

    ```mlir
    %g, %p, %b = ssm.diagonal lin zoh steps = [1.0e-02, 1.0e-01] -> tensor<8x2xf32>, tensor<8x2xf32>, tensor<2x8x2xf32>
    ```

    Folds to constants.
  }];
  let arguments = (ins SSM_InitAttr:$init, SSM_RuleAttr:$rule, DenseF64ArrayAttr:$steps);
  let results = (outs NN_F32Tensor:$decay, NN_F32Tensor:$phase, NN_F32Tensor:$b);
  let assemblyFormat = "$init $rule `steps` `=` $steps attr-dict `->` type($decay) `,` type($phase) `,` type($b)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def SSM_KernelOp : SSM_Op<"kernel", [Pure]> {
  let summary = "the convolution kernel of a state space of low rank";
  let description = [{
    The kernel of S4 for the LegS transition of 2N coefficients in its basis of eigenvectors (diagonal plus rank one), input B of
    LegS and output
    `c`, N of each pair of conjugates, for each channel with the bilinear step `steps[c]`; `length` taps. `folded` says that `c`
    is stored as
    C (I - Abar^length), as published models have it. The generating function at the roots of unity, by Cauchy sums and Woodbury's
    identity. Taps are in the order of ssm.causal_conv, the last one being that of the row itself.

    Constraints:
    * (C1) `c` has the shape [2, N, C] and the result the shape [C, length], all sizes being at least 1.
    * (C2) there is a step for each channel, positive and finite.

    Example (test/dialects/ssm/projection.mlir):

    ```mlir
    %w = ssm.kernel c = dense<0.5> : tensor<2x4x2xf32> steps = [1.0e-02, 1.0e-01] -> tensor<2x64xf32>
    ```

    Folds to a constant.
  }];
  let arguments = (ins ElementsAttr:$c, DenseF64ArrayAttr:$steps, UnitAttr:$folded);
  let results = (outs NN_F32Tensor:$taps);
  let assemblyFormat = "`c` `=` $c `steps` `=` $steps (`folded` $folded^)? attr-dict `->` type($taps)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def SSM_ProjectOp : SSM_Recurrence<"project", "coefficients that follow a window of the past",
    "x: T C; a: N N; b: N; state: N C", [], 0, [], "::tenon::ssm::rowsOfStates(operands)"> {
  let description = [{
    `state = a state + b x[t]` and `result[t] = state`: with the constants of ssm.hippo, the coefficients of the window's function.

  }] # shapeConstraints # [{
    Example (test/dialects/ssm/projection.mlir):

    ```mlir
    %c, %next = ssm.project %x, %a, %b state %s : tensor<?x2xf32>, tensor<16x16xf32>, tensor<16xf32>, tensor<16x2xf32>
    ```

    Lowers to a scan kernel.
  }];
  let arguments = (ins NN_F32Tensor:$x, NN_FloatTensor:$a, NN_FloatTensor:$b, NN_F32Tensor:$state);
  let assemblyFormat = "$x `,` $a `,` $b `state` $state attr-dict `:` type(operands)";
}

def SSM_ProjectWholeOp : SSM_Recurrence<"project_whole", "coefficients that follow the whole past", "x: T C; state: N C", [], 0, [],
    "::tenon::ssm::rowsOfStates(operands)"> {
  let description = [{
    The LegS projection, whose window is the past from its first sample on. The state's last row counts the samples k; the others are the
    coefficients c of the normalised Legendre polynomials stretched over the past. In each row `k = k + 1` and, by the bilinear rule,
    `(I - A / 2k) c = (I + A / 2k) c + (B / k) x[t]`; `result[t] = state`.

  }] # shapeConstraints # [{
    Example (test/dialects/ssm/projection.mlir):

    ```mlir
    %c, %next = ssm.project_whole %x state %s : tensor<?x2xf32>, tensor<17x2xf32>
    ```

    Lowers to a scan kernel.
  }];
  let arguments = (ins NN_F32Tensor:$x, NN_F32Tensor:$state);
  let assemblyFormat = "$x `state` $state attr-dict `:` type(operands)";
}

#endif // TENON_DIALECTS_SSM_PROJECTION
