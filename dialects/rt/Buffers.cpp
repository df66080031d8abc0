//===- Buffers.cpp - verifiers of the buffer ops ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/rt/RT.h"

using namespace mlir;
using namespace tenon::rt;

static LogicalResult verifyBuffer(Operation *op, BaseMemRefType type, size_t sizes) {
  auto memref = dyn_cast<MemRefType>(type);
  if (!memref || !memref.getLayout().isIdentity()) // rt_input_c1, rt_output_c1, rt_state_c1, rt_weight_c1, rt_arena_c1
    return op->emitOpError("expects a memref with the identity layout, but got ") << type;
  if (size_t(memref.getNumDynamicDims()) != sizes) // rt_input_c2, rt_output_c2, rt_state_c2, rt_weight_c2, rt_arena_c2
    return op->emitOpError("expects ") << memref.getNumDynamicDims() << " sizes for " << type << ", but got " << sizes;
  return success();
}

static LogicalResult verifyIndex(Operation *op, int64_t index) {
  if (index < 0) // rt_input_c3, rt_output_c3, rt_state_c3
    return op->emitOpError("expects an index of at least 0, but got ") << index;
  return success();
}

static LogicalResult verifyPlace(Operation *op, ExtentAttr place) {
  if (place.getConstant() % bufferAlignment != 0 || place.getPerToken() % bufferAlignment != 0) // rt_arena_c3, rt_frame_c1
    return op->emitOpError("expects a place in multiples of ") << bufferAlignment << ", but got " << place;
  return success();
}

LogicalResult InputOp::verify() {
  return failure(failed(verifyBuffer(*this, getResult().getType(), getSizes().size())) || failed(verifyIndex(*this, getIndex())));
}

LogicalResult OutputOp::verify() {
  return failure(failed(verifyBuffer(*this, getResult().getType(), getSizes().size())) || failed(verifyIndex(*this, getIndex())));
}

LogicalResult StateOp::verify() {
  return failure(failed(verifyBuffer(*this, getResult().getType(), getSizes().size())) || failed(verifyIndex(*this, getIndex())));
}

LogicalResult WeightOp::verify() {
  if (failed(verifyBuffer(*this, getResult().getType(), 0)))
    return failure();
  int64_t offset = getOffset();
  if (offset < 0 || offset % bufferAlignment != 0) // rt_weight_c3
    return emitOpError("expects an offset that is a multiple of ") << bufferAlignment << ", but got " << offset;
  return success();
}

LogicalResult ArenaOp::verify() {
  return failure(failed(verifyBuffer(*this, getResult().getType(), getSizes().size())) || failed(verifyPlace(*this, getPlace())));
}

LogicalResult FrameOp::verify() { return verifyPlace(*this, getPlace()); }
