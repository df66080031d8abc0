//===- Parameter.cpp - parameters of a plan as symbols ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/frontends/builder/ParameterImpl.h"

using namespace mlir;
using namespace tenon;

RankedTensorType tenon::parameterType(MLIRContext *context, const ParameterSource &parameter) {
  Type element = nn::elementOfFormat(context, parameter.format);
  return RankedTensorType::get(parameter.shape, element);
}

nn::ParamOp tenon::emitParameter(OpBuilder &builder, Location loc, const ParameterSource &parameter) {
  return nn::ParamOp::create(builder, loc, parameter.name, parameterType(builder.getContext(), parameter), storedForm(parameter));
}
