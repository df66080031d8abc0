//===- Activation.td - elementwise functions of one operand ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_DIALECTS_NN_ACTIVATION
#define TENON_DIALECTS_NN_ACTIVATION

include "tenon/dialects/nn/Types.td"

// An elementwise op of one operand; the formula is of one element x.
class NN_UnaryOp<string mnemonic, string text, string formula, list<Trait> traits = []>
    : NN_Op<mnemonic, !listconcat(traits, [Pure, SameOperandsAndResultType,
                                           DeclareOpInterfaceMethods<ElementwiseOpInterface>])> {
  let summary = text;
  let description = "`result[...] = " # formula # "` with `x = input[...]`.\n\n" #
      "Example (test/dialects/nn/activation.mlir):\n\n```mlir\n%y = nn." # mnemonic #
      " %x : tensor<?x64xf32>\n```\n\nLowers into the kernel that makes or reads it.";
  let arguments = (ins NN_FloatTensor:$input);
  let results = (outs NN_FloatTensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input)";
}

def NN_SiluOp : NN_UnaryOp<"silu", "sigmoid linear unit", "x / (1 + exp(-x))">;
def NN_ReluOp : NN_UnaryOp<"relu", "rectified linear unit", "max(x, 0)">;
def NN_Relu2Op : NN_UnaryOp<"relu2", "square of the rectified linear unit", "max(x, 0)^2">;
def NN_TanhOp : NN_UnaryOp<"tanh", "hyperbolic tangent", "tanh(x)">;
def NN_SigmoidOp : NN_UnaryOp<"sigmoid", "logistic function", "1 / (1 + exp(-x))">;
def NN_ExpOp : NN_UnaryOp<"exp", "natural exponential", "exp(x)">;
def NN_SinOp : NN_UnaryOp<"sin", "sine of an angle in radians", "sin(x)">;
def NN_CosOp : NN_UnaryOp<"cos", "cosine of an angle in radians", "cos(x)">;
def NN_NegOp : NN_UnaryOp<"neg", "negation", "-x">;
def NN_SqrtOp : NN_UnaryOp<"sqrt", "square root", "sqrt(x)">;
def NN_RsqrtOp : NN_UnaryOp<"rsqrt", "reciprocal of the square root", "1 / sqrt(x)">;
def NN_QuickGeluOp : NN_UnaryOp<"quick_gelu", "fast approximation of the Gaussian error linear unit", "x / (1 + exp(-1.702 x))">;
def NN_SoftplusOp : NN_UnaryOp<"softplus", "smooth form of the rectified linear unit", "log(1 + exp(x))">;
def NN_AbsOp : NN_UnaryOp<"abs", "magnitude", "|x|">;

def NN_GeluApproximate : I32EnumAttr<"GeluApproximate", "the formula of gelu", [
    I32EnumAttrCase<"none", 0>, I32EnumAttrCase<"tanh", 1>]> {
  let cppNamespace = "::tenon::nn";
  let genSpecializedAttr = 0;
}
def NN_GeluApproximateAttr : EnumAttr<NN_Dialect, NN_GeluApproximate, "approximate"> {
  let assemblyFormat = "`<` $value `>`";
}

def NN_GeluOp : NN_UnaryOp<"gelu", "Gaussian error linear unit", ""> {
  let description = [{
    With `x = input[...]` and `approximate`

    * `none`: `result[...] = x / 2 * (1 + erf(x / sqrt(2)))`;
    * `tanh`: `result[...] = x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3)))`.

    Example (test/dialects/nn/activation.mlir):

    ```mlir
    %z = nn.gelu %y {approximate = #nn.approximate<tanh>} : tensor<?x64xbf16>
    ```

    Lowers into the kernel that makes or reads it.
  }];
  let arguments = (ins NN_FloatTensor:$input,
      DefaultValuedAttr<NN_GeluApproximateAttr, "::tenon::nn::GeluApproximate::none">:$approximate);
}

def NN_ClampOp : NN_UnaryOp<"clamp", "values held between bounds", ""> {
  let description = [{
    `result[...] = min(max(x, low), high)` with `x = input[...]`, without the bound that is not given.

    Constraints:
    * (C1) `low`, `high` or both are given, each a number.
    * (C2) `low <= high`.

    Example (test/dialects/nn/activation.mlir):

    ```mlir
    %z = nn.clamp %y {low = -7.0 : f32, high = 7.0 : f32} : tensor<?x64xf32>
    ```

    Lowers into the kernel that makes or reads it.
  }];
  let arguments = (ins NN_FloatTensor:$input, OptionalAttr<F32Attr>:$low, OptionalAttr<F32Attr>:$high);
  let hasVerifier = 1;
}

#endif // TENON_DIALECTS_NN_ACTIVATION
