//===- LinearInterface.td - products with weight matrices ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_DIALECTS_NN_LINEARINTERFACE
#define TENON_DIALECTS_NN_LINEARINTERFACE

include "mlir/IR/OpBase.td"

def LinearOpInterface : OpInterface<"LinearOpInterface"> {
  let cppNamespace = "::tenon::nn";
  let description = [{
    A product of rows with a weight matrix or with one of several, `[..., out, in]`, which kernels read in panels. The input of a quantised
    one may be rounded to blocks of integers first. Passes ask this, not which op it is.
  }];
  let methods = [
    InterfaceMethod<"The rows.", "::mlir::OpOperand &", "getInputMutable">,
    InterfaceMethod<"The matrix or matrices.", "::mlir::OpOperand &", "getWeightMutable">,
    InterfaceMethod<"How the input is asked to meet a quantised weight.", "::tenon::nn::Activation", "getActivation">,
    InterfaceMethod<"Asks for another rounding.", "void", "setActivation", (ins "::tenon::nn::Activation":$activation)>,
    InterfaceMethod<"The rounding that takes effect: `f32` for a weight that is not block-quantised or an input that has been rounded.",
                    "::tenon::nn::Activation", "getEffectiveActivation">,
    InterfaceMethod<"How many of the matrices one row meets; all of them, unless rows choose.", "int64_t", "getMatricesOfRow", (ins),
                    /*methodBody=*/[{}], /*defaultImplementation=*/[{
      int64_t matrices = 1;
      for (int64_t size : ::llvm::cast<::mlir::RankedTensorType>($_op.getWeight().getType()).getShape().drop_back(2))
        matrices *= size;
      return matrices;
    }]>,
    InterfaceMethod<[{
      The operand whose rounding rounds the input: the input, or what an op before only repeats the rows of.
    }], "::mlir::OpOperand &", "getRoundedOperand", (ins), /*methodBody=*/[{}], /*defaultImplementation=*/[{
      return $_op.getInputMutable();
    }]>,
    InterfaceMethod<[{
      Takes the rounded form of the rounded operand's value instead.
    }], "void", "setRounded", (ins "::mlir::Value":$rounded), /*methodBody=*/[{}], /*defaultImplementation=*/[{
      $_op.getInputMutable().assign(rounded);
    }]>];
}

#endif // TENON_DIALECTS_NN_LINEARINTERFACE
