//===- ElementwiseInterface.td - the computation of one element ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_DIALECTS_COMMON_ELEMENTWISEINTERFACE
#define TENON_DIALECTS_COMMON_ELEMENTWISEINTERFACE

include "mlir/IR/OpBase.td"

def ElementwiseOpInterface : OpInterface<"ElementwiseOpInterface"> {
  let cppNamespace = "::tenon";
  let description = [{
    An op whose result element depends on the elements at the same place of its operands only
    (an operand of lower rank is broadcast over the leading dimensions). Kernels emit it at register
    level through this method, so that a new elementwise op works in every family and on every target.
  }];
  let methods = [InterfaceMethod<[{
      Emits the computation of one element with arith and math ops. The operands are all `f32` or all
      `vector<Nxf32>`; the result has the same type.
    }],
    "::mlir::Value", "emitElement",
    (ins "::mlir::OpBuilder &":$builder, "::mlir::Location":$loc, "::mlir::ValueRange":$operands)>];
}

#endif // TENON_DIALECTS_COMMON_ELEMENTWISEINTERFACE
