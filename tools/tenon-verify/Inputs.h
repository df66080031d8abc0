//===- Inputs.h - the values that both sides are given ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "Options.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "tenon/dialects/common/Eval.h"

namespace tenon::verify {

/// One input of an entry: its shape with every dynamic dimension bound, and its values.
struct Input {
  std::string name;
  mlir::Type elementType;
  llvm::SmallVector<int64_t, 4> shape;
  std::vector<double> values;
};

/// Values for the arguments of `entry`: the tokens asked for, or ids spread over the rows of the smallest
/// embedding table, for i32; a normal distribution for floats. The same options give the same values. Fails,
/// with a diagnostic, for an argument that is not a tensor of f32 or i32, and for a token that no row has.
mlir::FailureOr<std::vector<Input>> makeInputs(mlir::func::FuncOp entry, const Options &options);

/// The inputs as the evaluator takes them.
EvalValues toEvalValues(llvm::ArrayRef<Input> inputs);

} // namespace tenon::verify
