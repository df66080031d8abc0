//===- EvalInterface.td - what an op means, as a method ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_DIALECTS_COMMON_EVALINTERFACE
#define TENON_DIALECTS_COMMON_EVALINTERFACE

include "mlir/IR/OpBase.td"

def EvalOpInterface : OpInterface<"EvalOpInterface"> {
  let cppNamespace = "::tenon";
  let description = [{
    The executable meaning of an op on plain tensors of double: slow, exact and independent of every
    lowering. It is the oracle that compiled code is compared with.
  }];
  let methods = [InterfaceMethod<[{
      Computes the op's results from its operands' values and appends them to `results`. An op that
      cannot be evaluated on these values emits an error at its location and returns failure.
    }],
    "::llvm::LogicalResult", "evaluate",
    (ins "::tenon::EvalContext &":$context, "::llvm::ArrayRef<::tenon::EvalValue>":$operands,
         "::llvm::SmallVectorImpl<::tenon::EvalValue> &":$results)>];
}

#endif // TENON_DIALECTS_COMMON_EVALINTERFACE
