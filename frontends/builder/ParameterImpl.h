//===- ParameterImpl.h - parameters of a plan as symbols ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "mlir/IR/Builders.h"
#include "tenon/dialects/nn/NN.h"
#include "tenon/frontends/ModelSource.h"

namespace tenon {

/// The type of a parameter's value.
mlir::RankedTensorType parameterType(mlir::MLIRContext *context, const ParameterSource &parameter);

/// Declares the parameter: its pieces with their files, rows and codings.
nn::ParamOp emitParameter(mlir::OpBuilder &builder, mlir::Location loc, const ParameterSource &parameter);

} // namespace tenon
