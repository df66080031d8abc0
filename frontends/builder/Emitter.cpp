//===- Emitter.cpp - the emitter of ops at model paths ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/frontends/builder/EmitterImpl.h"

using namespace mlir;
using namespace tenon;

Location OpEmitter::at(const llvm::Twine &path) const {
  return NameLoc::get(builder.getStringAttr(path));
}

RankedTensorType OpEmitter::rows(ArrayRef<int64_t> shape) const {
  SmallVector<int64_t> full = {ShapedType::kDynamic};
  llvm::append_range(full, shape);
  return RankedTensorType::get(full, builder.getF32Type());
}

Value OpEmitter::asF32(Location loc, Value value) {
  auto type = value ? cast<RankedTensorType>(value.getType()) : RankedTensorType();
  if (!type || type.getElementType().isF32())
    return value;
  return nn::ConvertOp::create(builder, loc, type.clone(builder.getF32Type()), value);
}

Value OpEmitter::norm(Location loc, Value input, const NormSpec &spec) {
  FloatAttr eps = builder.getF32FloatAttr(static_cast<float>(spec.eps));
  Value weight = asF32(loc, spec.weight);
  if (spec.kind == NormKind::Rms)
    return nn::RmsNormOp::create(builder, loc, input.getType(), input, weight, eps);
  return nn::LayerNormOp::create(builder, loc, input.getType(), input, weight, asF32(loc, spec.bias), eps);
}

nn::Activation OpEmitter::roundingFor(Value weight, InputRounding rounding) const {
  if (!nn::getBlockType(weight.getType()))
    return nn::Activation::f32;
  return rounding == InputRounding::Fine && activation == nn::Activation::q8 ? nn::Activation::q16 : activation;
}

Value OpEmitter::linear(Location loc, Value input, Value weight, Value bias, InputRounding rounding) {
  auto inputType = cast<RankedTensorType>(input.getType());
  SmallVector<int64_t> shape(inputType.getShape());
  shape.back() = cast<RankedTensorType>(weight.getType()).getDimSize(0);
  return nn::LinearOp::create(builder, loc, inputType.clone(shape), input, weight, asF32(loc, bias), roundingFor(weight, rounding));
}

Value OpEmitter::reshape(Location loc, Value input, ArrayRef<int64_t> shape) {
  return nn::ReshapeOp::create(builder, loc, rows(shape), input);
}

Value OpEmitter::columns(Location loc, Value input, int64_t start, int64_t size) {
  auto type = cast<RankedTensorType>(input.getType());
  SmallVector<int64_t> shape(type.getShape());
  shape.back() = size;
  return nn::SliceOp::create(builder, loc, type.clone(shape), input, /*dim=*/type.getRank() - 1, start, size);
}

Value OpEmitter::constant(Location loc, ArrayRef<float> values) {
  auto type = RankedTensorType::get({static_cast<int64_t>(values.size())}, builder.getF32Type());
  return nn::ConstantOp::create(builder, loc, DenseElementsAttr::get(type, values));
}

Value OpEmitter::number(Location loc, double value) {
  auto type = RankedTensorType::get({}, builder.getF32Type());
  return nn::ConstantOp::create(builder, loc, DenseElementsAttr::get(type, static_cast<float>(value)));
}

Value OpEmitter::scale(Location loc, Value input, std::optional<double> factor) {
  if (!factor || *factor == 1)
    return input;
  return nn::MulOp::create(builder, loc, input, number(loc, *factor));
}
