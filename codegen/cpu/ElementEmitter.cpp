//===- ElementEmitter.cpp - any value of a kernel at one place ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/codegen/cpu/ElementEmitter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Diagnostics.h"
#include "tenon/codegen/cpu/ElementRules.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::codegen;

Matrix Matrix::of(Type type) {
  auto tensor = cast<RankedTensorType>(type);
  if (tensor.getRank() == 0)
    return {1, 1};
  if (tensor.getRank() == 1)
    return tensor.isDynamicDim(0) ? Matrix{ShapedType::kDynamic, 1} : Matrix{1, tensor.getDimSize(0)};
  int64_t columns = 1;
  for (int64_t size : tensor.getShape().drop_front())
    columns *= size;
  return {tensor.getDimSize(0), columns};
}

const ElementRule *ElementRules::find(Operation *op) const {
  auto rule = rules.find(op->getName().getTypeID());
  return rule == rules.end() ? nullptr : &rule->second;
}

const ElementRules &ElementRules::all() {
  static const ElementRules rules = [] {
    ElementRules made;
    addNormRules(made);
    addReduceRules(made);
    addRopeRules(made);
    addShapeRules(made);
    addEmbeddingRules(made);
    addMatmulRules(made);
    addExpertRules(made);
    return made;
  }();
  return rules;
}

bool tenon::codegen::keepsPlace(Operation *op) {
  if (const ElementRule *rule = ElementRules::all().find(op))
    return rule->keepsPlace && rule->keepsPlace(op);
  return isa<ElementwiseOpInterface>(op);
}

//===----------------------------------------------------------------------===//
// Pulling
//===----------------------------------------------------------------------===//

Value ElementEmitter::pull(Value value, Place place) {
  Value &known = pulled[{value.getAsOpaquePointer(), place.row.getAsOpaquePointer(), place.column.getAsOpaquePointer(),
                         b.builder.getInsertionBlock()}];
  if (known)
    return known;
  Value made = pullOp(value, place);
  // The map may have grown below, so the slot is looked up again.
  pulled[{value.getAsOpaquePointer(), place.row.getAsOpaquePointer(), place.column.getAsOpaquePointer(), b.builder.getInsertionBlock()}] =
      made;
  return made;
}

/// The only element of a value, in every lane.
static Value pullSingle(ElementEmitter &emitter, Value value) {
  LoopBuilder &b = emitter.b;
  return b.broadcast(b.extract(emitter.pull(value, {b.index(0), b.index(0), 1}), 0), emitter.lanes);
}

static bool isSingle(Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  return type.hasStaticShape() && type.getNumElements() == 1;
}

/// The operand's place: an operand of lower rank is repeated over the leading dimensions that it lacks.
static Place broadcastPlace(ElementEmitter &emitter, Value operand, Value result, Place place) {
  auto from = cast<RankedTensorType>(operand.getType()), to = cast<RankedTensorType>(result.getType());
  if (from.getRank() == to.getRank())
    return place;
  Matrix small = Matrix::of(from), large = Matrix::of(to);
  LoopBuilder &b = emitter.b;
  // An argument of several rows that are one row of the result lies in memory as that row.
  bool isWholeRow = !ShapedType::isDynamic(small.rows) && small.rows * small.columns == large.columns;
  if (isWholeRow && (small.rows == 1 || emitter.getArgument(operand)))
    return {b.index(0), place.column, place.active};
  if (!emitter.staysTogether(small.columns))
    return place;
  Value row = small.rows == 1 ? b.index(0) : b.rem(b.div(place.column, small.columns), small.rows);
  return {row, b.rem(place.column, small.columns), place.active};
}

Value ElementEmitter::pullOp(Value value, Place place) {
  if (auto source = bound.find(value); source != bound.end())
    return source->second(place);
  Operation *op = value.getDefiningOp();
  if (Value buffer = getArgument(value)) {
    if (!isa<FloatType>(cast<MemRefType>(buffer.getType()).getElementType()))
      return fail(value.getParentBlock()->getParentOp(), "reads an argument as floats that has none");
    bool isColumn = cast<MemRefType>(buffer.getType()).getRank() == 1 && Matrix::of(value.getType()).rows == ShapedType::kDynamic;
    bool isVector = cast<MemRefType>(buffer.getType()).getRank() == 1;
    if (isColumn)
      return b.loadFloats(buffer, {place.row}, lanes, std::min<int64_t>(lanes, 1));
    if (isVector)
      return b.loadFloats(buffer, {place.column}, lanes, place.active);
    return b.loadFloats(buffer, {place.row, place.column}, lanes, place.active);
  }
  if (!op)
    return fail(value.getParentBlock()->getParentOp(), "reads an argument that has no buffer");
  OpBuilder::InsertionGuard keepsPoint(b.builder);
  Value result;
  if (const ElementRule *rule = ElementRules::all().find(op)) {
    result = rule->pull(*this, op, place);
  } else if (isa<nn::ConvertOp>(op)) {
    // What it does beyond widening is the rounding below.
    result = pull(op->getOperand(0), place);
  } else if (auto elementwise = dyn_cast<ElementwiseOpInterface>(op)) {
    Values operands;
    for (Value operand : op->getOperands())
      operands.push_back(isSingle(operand) && !isSingle(value) ? pullSingle(*this, operand)
                                                               : pull(operand, broadcastPlace(*this, operand, value, place)));
    result = elementwise.emitElement(b.builder, op->getLoc(), operands);
  } else {
    return fail(op, "has no rule that gives its result at one place");
  }
  // A result of f16 or bf16 is rounded once, when the op has computed it.
  Type element = cast<RankedTensorType>(value.getType()).getElementType();
  return element.isF16() || element.isBF16() ? b.widen(b.narrow(result, element)) : result;
}

void ElementEmitter::prefetch(Value value, Place place) {
  if (team) // other warps run while one waits
    return;
  Operation *op = value.getDefiningOp();
  if (Value buffer = getArgument(value)) {
    bool hasRows = isa<RankedTensorType>(value.getType()) && ShapedType::isDynamic(Matrix::of(value.getType()).rows);
    if (hasRows && cast<MemRefType>(buffer.getType()).getRank() == 2)
      b.prefetch(buffer, {place.row, place.column}, /*isWritten=*/false);
  } else if (op && !bound.contains(value) && tenon::codegen::keepsPlace(op)) {
    for (Value operand : op->getOperands())
      prefetch(operand, place);
  }
}

Value ElementEmitter::pullWide(Value value, Place place) {
  if (lanes == 16)
    return pull(value, place);
  // One at a time, in memory of the thread's own.
  Value scratch = b.scratch({16}, b.builder.getF32Type());
  if (place.active < 16)
    b.storeFloats(b.splat(0, 16), scratch, {b.index(0)}, 16);
  b.loop(b.index(0), b.index(place.active), 1, [&](Value lane) {
    Value one = pull(value, {place.row, b.add(place.column, lane), 1});
    b.storeFloats(one, scratch, {lane}, 1);
  });
  return b.loadFloats(scratch, {b.index(0)}, 16, 16);
}

//===----------------------------------------------------------------------===//
// Rows
//===----------------------------------------------------------------------===//

void ElementEmitter::prepare(Value value, Value row) {
  Operation *op = value.getDefiningOp();
  if (!op || bound.contains(value) || statistics.contains({op, row.getAsOpaquePointer(), -1}))
    return;
  statistics[{op, row.getAsOpaquePointer(), -1}] = row; // Prepared: an op that many values read is visited once a row.
  const ElementRule *rule = ElementRules::all().find(op);
  if (rule && rule->prepare)
    return rule->prepare(*this, op, row);
  int64_t rows = Matrix::of(value.getType()).rows;
  for (Value operand : op->getOperands()) {
    if (!isa<RankedTensorType>(operand.getType()))
      continue;
    // A repeated operand has statistics of its own only if it is computed here, which is a row of parameters at most.
    bool repeated = Matrix::of(operand.getType()).rows != rows;
    prepare(operand, repeated ? b.index(0) : row);
  }
}

Span ElementEmitter::spanOf(Value value) {
  return present ? *present : Span{b.index(0), Matrix::of(value.getType()).columns};
}

void ElementEmitter::setStatistic(Operation *op, Value row, int64_t number, Value statistic) {
  statistics[{op, row.getAsOpaquePointer(), number}] = statistic;
}

Value ElementEmitter::getStatistic(Operation *op, Place place, int64_t number, int64_t columns) {
  auto found = statistics.find({op, place.row.getAsOpaquePointer(), number});
  if (found == statistics.end())
    return fail(op, "needs its whole row, which this kernel does not have at once");
  Value statistic = found->second;
  if (isa<MemRefType>(statistic.getType())) {
    if (!staysTogether(columns))
      return b.splat(0, lanes);
    Value first = spanOf(op->getResult(0)).first;
    statistic = b.load(statistic, {b.div(b.sub(place.column, first), columns)});
  }
  return b.broadcast(statistic, lanes);
}

Value ElementEmitter::getScratch(Operation *op, Value row, int64_t number) {
  auto found = statistics.find({op, row.getAsOpaquePointer(), number});
  if (found != statistics.end())
    return found->second;
  fail(op, "needs its whole row, which this kernel does not have at once");
  return {};
}

Value ElementEmitter::getGroupStatistics(Operation *op, Place place, int64_t number) {
  auto found = statistics.find({op, place.row.getAsOpaquePointer(), number});
  if (found == statistics.end())
    return fail(op, "needs its whole row, which this kernel does not have at once");
  Value statistic = found->second;
  if (isa<MemRefType>(statistic.getType()))
    return b.loadFloats(statistic, {place.column}, lanes, lanes);
  return b.broadcast(statistic, lanes);
}

Value ElementEmitter::mapRow(Operation *op, Value row, function_ref<Value()> make) {
  Value &mapped = mappedRows[{op, row.getAsOpaquePointer()}];
  if (!mapped)
    mapped = make();
  return mapped;
}

Value ElementEmitter::rowCount(Value tensor) {
  int64_t rows = Matrix::of(tensor.getType()).rows;
  return ShapedType::isDynamic(rows) ? tokens : b.index(rows);
}

void ElementEmitter::forColumns(Value row, Value first, int64_t columns, function_ref<void(Place)> body) {
  if (!team)
    return b.cover(columns, lanes, [&](Value column, int64_t active) { body({row, b.add(first, column), active}); });
  // Rows of parts of vectors do not begin at multiples of them either: a column a thread reads them faster.
  if (staysTogether(columns))
    b.loop(b.mul(team->rank, lanes), b.index(columns), team->size * lanes,
           [&](Value column) { body({row, b.add(first, column), lanes}); });
}

Value ElementEmitter::fillInactive(Value value, Place place, double fill) {
  if (place.active == lanes)
    return value;
  SmallVector<bool> bits(lanes, false);
  std::fill(bits.begin(), bits.begin() + place.active, true);
  Value mask = b.constant(DenseElementsAttr::get(VectorType::get({lanes}, b.builder.getI1Type()), bits));
  return arith::SelectOp::create(b.builder, b.loc, mask, value, b.splat(fill, lanes));
}

//===----------------------------------------------------------------------===//
// Declining
//===----------------------------------------------------------------------===//

Value ElementEmitter::fail(Operation *op, const Twine &why) {
  if (!hasFailed && !singleLane)
    op->emitError("kernel for a ") << (team ? "GPU" : "CPU") << ": " << why;
  hasFailed = true;
  return b.splat(0, lanes);
}

Value ElementEmitter::wantSingleLane() {
  singleLane = true;
  return b.splat(0, lanes);
}

bool ElementEmitter::staysTogether(int64_t columns) {
  if (columns % lanes == 0)
    return true;
  singleLane = true;
  return false;
}
