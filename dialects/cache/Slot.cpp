//===- Slot.cpp - slot types and verifiers of ops on slots ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/cache/Cache.h"

using namespace mlir;
using namespace tenon::cache;

LogicalResult KvType::verify(llvm::function_ref<InFlightDiagnostic()> emitError, int64_t heads, int64_t dim, Type elementType,
                             int64_t latent) {
  if (heads <= 0 || dim <= 0) // kv_c1
    return emitError() << "expects positive heads and dim, but got " << heads << " and " << dim;
  if (!elementType.isF32() && !elementType.isF16()) // kv_c2
    return emitError() << "expects f32 or f16 elements, but got " << elementType;
  if (latent < 0 || latent > dim) // kv_c3
    return emitError() << "expects latent to be at least 0 and at most " << dim << ", but got " << latent;
  return success();
}

bool KvType::growsWithPositions() const {
  return true;
}

SmallVector<int64_t> KvType::getPlaneRowSizes() const {
  return SmallVector<int64_t>(getLatent() ? 1 : 2, getHeads() * getDim());
}

Type KvType::getStoredType() const {
  return getElementType();
}

LogicalResult RecurrentType::verify(llvm::function_ref<InFlightDiagnostic()> emitError, ArrayRef<int64_t> shape, Type elementType) {
  constexpr int64_t mostElements = int64_t(1) << 40;
  if (shape.empty() || llvm::any_of(shape, [](int64_t size) { return size <= 0; })) // recurrent_c1
    return emitError() << "expects a shape of positive dimensions, but got [" << shape << ']';
  if (!elementType.isF32()) // recurrent_c2
    return emitError() << "expects f32 elements, but got " << elementType;
  int64_t elements = 1;
  for (int64_t size : shape) {
    if (size > mostElements / elements) // recurrent_c3
      return emitError() << "expects at most " << mostElements << " elements, but got the shape [" << shape << ']';
    elements *= size;
  }
  return success();
}

bool RecurrentType::growsWithPositions() const {
  return false;
}

SmallVector<int64_t> RecurrentType::getPlaneRowSizes() const {
  return {getTensorType().getNumElements()};
}

Type RecurrentType::getStoredType() const {
  return getElementType();
}

LogicalResult DeclareOp::verify() {
  if (!isa<SlotTypeInterface>(getType())) // declare_c1
    return emitOpError("expects a slot type, but got ") << getType();
  return success();
}

LogicalResult GetOp::verifySymbolUses(SymbolTableCollection &symbols) {
  auto slot = symbols.lookupNearestSymbolFrom<DeclareOp>(*this, getSlotAttr());
  if (!slot) // get_c1
    return emitOpError("expects @") << getSlot() << " to be a cache.declare";
  if (slot.getType() != getResult().getType()) { // get_c2
    InFlightDiagnostic diagnostic = emitOpError("expects the slot's type ") << slot.getType() << ", but got " << getResult().getType();
    diagnostic.attachNote(slot.getLoc()) << "the slot is declared here";
    return diagnostic;
  }
  return success();
}

/// The type that keys (or values, of another size) of a slot have in the graph: any number of positions.
static RankedTensorType positionsOf(KvType type, int64_t dim) {
  return RankedTensorType::get({ShapedType::kDynamic, type.getHeads(), dim}, Float32Type::get(type.getContext()));
}

LogicalResult AppendOp::verify() {
  KvType slot = getSlot().getType();
  if (static_cast<bool>(getValue()) == (slot.getLatent() > 0)) // append_c3
    return emitOpError("expects ") << (slot.getLatent() ? "no values for a latent slot" : "values as well as keys");
  for (Value operand : getOperands().drop_front()) {
    auto type = cast<RankedTensorType>(operand.getType());
    if (type.getRank() != 3 || type.getDimSize(1) != slot.getHeads() || type.getDimSize(2) != slot.getDim()) // append_c1
      return emitOpError("expects keys and values of ")
             << slot.getHeads() << " heads of " << slot.getDim() << " elements, but got " << type;
  }
  if (getValue() && failed(verifyCompatibleDims({getKey().getType().getDimSize(0), getValue().getType().getDimSize(0)}))) // append_c2
    return emitOpError("expects as many values as keys, but got ") << getValue().getType() << " and " << getKey().getType();
  return success();
}

LogicalResult ViewOp::verify() {
  KvType slot = getSlot().getType();
  for (auto [result, dim] : {std::pair(getKey(), slot.getDim()), std::pair(getValue(), slot.getValueDim())})
    if (RankedTensorType expected = positionsOf(slot, dim); result.getType() != expected) // view_c1
      return emitOpError("expects keys and values of type ") << expected << ", but got " << result.getType();
  return success();
}

LogicalResult ReadOp::verify() {
  if (getResult().getType() != getSlot().getType().getTensorType()) // read_c1
    return emitOpError("expects a state of type ") << getSlot().getType().getTensorType() << ", but got " << getResult().getType();
  return success();
}

LogicalResult WriteOp::verify() {
  if (getValue().getType() != getSlot().getType().getTensorType()) // write_c1
    return emitOpError("expects a state of type ") << getSlot().getType().getTensorType() << ", but got " << getValue().getType();
  return success();
}

// What each op does to its slot.
#define TENON_STATEFUL(OP, READS, WRITES)                                                                                                  \
  Value OP::getStateSlot() {                                                                                                               \
    return getSlot();                                                                                                                      \
  }                                                                                                                                        \
  bool OP::readsState() {                                                                                                                  \
    return READS;                                                                                                                          \
  }                                                                                                                                        \
  bool OP::writesState() {                                                                                                                 \
    return WRITES;                                                                                                                         \
  }
TENON_STATEFUL(LengthOp, true, false)
TENON_STATEFUL(AppendOp, false, true)
TENON_STATEFUL(ViewOp, true, false)
TENON_STATEFUL(ReadOp, true, false)
TENON_STATEFUL(WriteOp, false, true)
TENON_STATEFUL(MarkOp, true, false)
TENON_STATEFUL(RewindOp, false, true)
TENON_STATEFUL(ForkOp, true, false)
#undef TENON_STATEFUL
