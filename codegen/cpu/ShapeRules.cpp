//===- ShapeRules.cpp - ops that move elements, as changes of the place ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "tenon/codegen/cpu/ElementRules.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::codegen;

static RankedTensorType tensorType(Value value) {
  return cast<RankedTensorType>(value.getType());
}

/// The product of the dimensions after `dim`.
static int64_t innerElements(RankedTensorType type, int64_t dim) {
  int64_t count = 1;
  for (int64_t size : type.getShape().drop_front(dim + 1))
    count *= size;
  return count;
}

//===----------------------------------------------------------------------===//
// reshape
//===----------------------------------------------------------------------===//

static bool keepsRows(nn::ReshapeOp reshape) {
  Matrix from = Matrix::of(reshape.getInput().getType()), to = Matrix::of(reshape.getType());
  return from.columns == to.columns;
}

static Value pullReshape(ElementEmitter &emitter, Operation *op, Place place) {
  auto reshape = cast<nn::ReshapeOp>(op);
  LoopBuilder &b = emitter.b;
  if (keepsRows(reshape))
    return emitter.pull(reshape.getInput(), place);
  Matrix from = Matrix::of(reshape.getInput().getType()), to = Matrix::of(reshape.getType());
  if (!emitter.staysTogether(from.columns) || !emitter.staysTogether(to.columns))
    return b.splat(0, emitter.lanes);
  Value linear = b.add(b.mul(place.row, to.columns), place.column);
  return emitter.pull(reshape.getInput(), {b.div(linear, from.columns), b.rem(linear, from.columns), place.active});
}

static void prepareReshape(ElementEmitter &emitter, Operation *op, Value row) {
  auto reshape = cast<nn::ReshapeOp>(op);
  if (keepsRows(reshape))
    emitter.prepare(reshape.getInput(), row);
}

//===----------------------------------------------------------------------===//
// slice
//===----------------------------------------------------------------------===//

/// A computed row of the input. One outside it means nothing; it reads the last row, not memory beyond. (Below 0 is large without a sign.)
static Value rowWithin(ElementEmitter &emitter, Value input, Value row) {
  LoopBuilder &b = emitter.b;
  Value rows = arith::MaxUIOp::create(b.builder, b.loc, emitter.rowCount(input), b.index(1));
  return b.min(row, b.sub(rows, b.index(1)));
}

static Value slicedRow(ElementEmitter &emitter, nn::SliceOp slice, Value row) {
  LoopBuilder &b = emitter.b;
  if (slice.getDim() != 0 || tensorType(slice.getInput()).getRank() < 2)
    return row;
  return emitter.mapRow(slice, row, [&] {
    int64_t start = slice.getStart();
    if (start >= 0)
      return rowWithin(emitter, slice.getInput(), b.add(row, start));
    return rowWithin(emitter, slice.getInput(), b.sub(b.add(row, emitter.rowCount(slice.getInput())), b.index(-start)));
  });
}

static Value pullSlice(ElementEmitter &emitter, Operation *op, Place place) {
  auto slice = cast<nn::SliceOp>(op);
  LoopBuilder &b = emitter.b;
  RankedTensorType input = tensorType(slice.getInput());
  int64_t dim = slice.getDim();
  if (dim == 0 && input.getRank() >= 2)
    return emitter.pull(slice.getInput(), {slicedRow(emitter, slice, place.row), place.column, place.active});
  if (input.isDynamicDim(dim))
    return emitter.fail(op, "slices a vector of dynamic length");
  int64_t inner = innerElements(input, dim), size = input.getDimSize(dim);
  int64_t start = slice.getStart() < 0 ? slice.getStart() + size : slice.getStart();
  int64_t taken = slice.getSize() * inner;
  Value column = b.add(place.column, start * inner);
  if (taken != Matrix::of(slice.getType()).columns) {
    if (!emitter.staysTogether(taken) || !emitter.staysTogether(start * inner) || !emitter.staysTogether(size * inner))
      return b.splat(0, emitter.lanes);
    column = b.add(b.mul(b.div(place.column, taken), size * inner), b.add(b.rem(place.column, taken), start * inner));
  } else if (!emitter.getArgument(slice.getInput()) && !emitter.staysTogether(start * inner)) {
    return b.splat(0, emitter.lanes);
  }
  return emitter.pull(slice.getInput(), {place.row, column, place.active});
}

static void prepareSlice(ElementEmitter &emitter, Operation *op, Value row) {
  auto slice = cast<nn::SliceOp>(op);
  emitter.prepare(slice.getInput(), slicedRow(emitter, slice, row));
}

//===----------------------------------------------------------------------===//
// concat
//===----------------------------------------------------------------------===//

static Value pullConcatRows(ElementEmitter &emitter, nn::ConcatOp concat, Place place, unsigned number, Value offset) {
  LoopBuilder &b = emitter.b;
  Value input = concat.getInputs()[number];
  auto pullHere = [&] { return emitter.pull(input, {b.sub(place.row, offset), place.column, place.active}); };
  if (number + 1 == concat.getInputs().size())
    return pullHere();
  Value end = b.add(offset, emitter.rowCount(input));
  return b.either(b.less(place.row, end), pullHere, [&] { return pullConcatRows(emitter, concat, place, number + 1, end); });
}

static Value pullConcatColumns(ElementEmitter &emitter, nn::ConcatOp concat, Place place, unsigned number, int64_t offset) {
  LoopBuilder &b = emitter.b;
  Value input = concat.getInputs()[number];
  int64_t dim = concat.getDim(), inner = innerElements(tensorType(concat.getResult()), dim);
  int64_t whole = tensorType(concat.getResult()).getDimSize(dim) * inner, part = tensorType(input).getDimSize(dim) * inner;
  bool isOneGroup = whole == Matrix::of(concat.getType()).columns;
  Value within = isOneGroup ? place.column : b.rem(place.column, whole);
  bool isLast = number + 1 == concat.getInputs().size();
  if ((!isOneGroup || !isLast) && !emitter.staysTogether(part))
    return b.splat(0, emitter.lanes);
  auto pullHere = [&] {
    Value column = b.sub(within, b.index(offset));
    if (!isOneGroup)
      column = b.add(b.mul(b.div(place.column, whole), part), column);
    return emitter.pull(input, {place.row, column, place.active});
  };
  if (isLast)
    return pullHere();
  return b.either(b.less(within, b.index(offset + part)), pullHere,
                  [&] { return pullConcatColumns(emitter, concat, place, number + 1, offset + part); });
}

static bool joinsRows(nn::ConcatOp concat) {
  auto type = tensorType(concat.getResult());
  return concat.getDim() == 0 && (type.getRank() >= 2 || type.isDynamicDim(0));
}

static Value pullConcat(ElementEmitter &emitter, Operation *op, Place place) {
  auto concat = cast<nn::ConcatOp>(op);
  if (joinsRows(concat))
    return pullConcatRows(emitter, concat, place, 0, emitter.b.index(0));
  return pullConcatColumns(emitter, concat, place, 0, 0);
}

// A row of a result that joins rows is a row of one input only, so nothing can be computed ahead: norms before it are declined at their
// pull.
static void prepareConcat(ElementEmitter &emitter, Operation *op, Value row) {
  auto concat = cast<nn::ConcatOp>(op);
  if (joinsRows(concat))
    return;
  for (Value input : concat.getInputs())
    emitter.prepare(input, row);
}

//===----------------------------------------------------------------------===//
// broadcast
//===----------------------------------------------------------------------===//

/// Whether the rows of the result are those of the input, and not all of them its only row.
static bool keepsRows(nn::BroadcastOp broadcast) {
  return !broadcast.getDims().empty() && broadcast.getDims().front() == 0;
}

/// The input's column at a column of the result: its indices without those of new dimensions.
static Value broadcastColumn(LoopBuilder &b, nn::BroadcastOp broadcast, Value column) {
  RankedTensorType to = tensorType(broadcast.getResult());
  Value result = b.index(0), rest = column;
  int64_t stride = 1;
  for (int64_t dim = to.getRank() - 1; dim > 0; --dim) {
    int64_t size = std::max<int64_t>(1, to.getDimSize(dim));
    if (llvm::is_contained(broadcast.getDims(), dim)) {
      Value index = dim == 1 ? rest : b.rem(rest, size);
      result = b.add(result, stride == 1 ? index : b.mul(index, stride));
      stride *= size;
    }
    rest = b.div(rest, size);
  }
  return result;
}

static Value pullBroadcast(ElementEmitter &emitter, Operation *op, Place place) {
  auto broadcast = cast<nn::BroadcastOp>(op);
  LoopBuilder &b = emitter.b;
  RankedTensorType from = tensorType(broadcast.getInput()), to = tensorType(broadcast.getResult());
  if (!keepsRows(broadcast) && from.getRank() > 1)
    return emitter.fail(op, "repeats a matrix for each row");
  int64_t last = to.getRank() - 1, size = to.getShape().back();
  // A vector lies within the last dimension, whose elements are the input's or repeat one of them.
  if (last > 0 && size != Matrix::of(to).columns && !emitter.staysTogether(size))
    return b.splat(0, emitter.lanes);
  Value row = keepsRows(broadcast) ? place.row : b.index(0), column = broadcastColumn(b, broadcast, place.column);
  if (llvm::is_contained(broadcast.getDims(), last))
    return emitter.pull(broadcast.getInput(), {row, column, place.active});
  return b.broadcast(b.extract(emitter.pull(broadcast.getInput(), {row, column, 1}), 0), emitter.lanes);
}

static void prepareBroadcast(ElementEmitter &emitter, Operation *op, Value row) {
  auto broadcast = cast<nn::BroadcastOp>(op);
  if (keepsRows(broadcast))
    emitter.prepare(broadcast.getInput(), row);
}

//===----------------------------------------------------------------------===//
// transpose and gather
//===----------------------------------------------------------------------===//

static Value pullTranspose(ElementEmitter &emitter, Operation *op, Place place) {
  auto transpose = cast<nn::TransposeOp>(op);
  LoopBuilder &b = emitter.b;
  RankedTensorType from = tensorType(transpose.getInput()), to = tensorType(transpose.getResult());
  ArrayRef<int64_t> permutation = transpose.getPermutation();
  int64_t rank = from.getRank();
  if (llvm::equal(permutation, llvm::seq<int64_t>(0, rank)))
    return emitter.pull(transpose.getInput(), place);
  if (emitter.lanes != 1)
    return emitter.wantSingleLane();
  // The result's indices, then the input's, then the input's place.
  for (int64_t dim = 1; dim < rank; ++dim)
    if (to.isDynamicDim(dim) || from.isDynamicDim(dim))
      return emitter.fail(op, "moves a dynamic dimension");
  Values indices(rank);
  Value rest = place.column;
  for (int64_t dim = rank - 1; dim > 0; --dim) {
    indices[permutation[dim]] = dim == 1 ? rest : b.rem(rest, to.getDimSize(dim));
    rest = b.div(rest, std::max<int64_t>(1, to.getDimSize(dim)));
  }
  indices[permutation[0]] = place.row;
  Value column = b.index(0);
  for (int64_t dim = 1; dim < rank; ++dim)
    column = b.add(b.mul(column, from.getDimSize(dim)), indices[dim]);
  return emitter.pull(transpose.getInput(), {indices[0], column, place.active});
}

static void prepareTranspose(ElementEmitter &emitter, Operation *op, Value row) {
  auto transpose = cast<nn::TransposeOp>(op);
  if (transpose.getPermutation().empty() || transpose.getPermutation().front() == 0)
    emitter.prepare(transpose.getInput(), row);
}

static Value gatheredRow(ElementEmitter &emitter, nn::GatherOp gather, Value row) {
  LoopBuilder &b = emitter.b;
  return emitter.mapRow(gather, row, [&]() -> Value {
    Value indices = emitter.getArgument(gather.getIndices());
    Value index = arith::IndexCastUIOp::create(b.builder, b.loc, b.builder.getIndexType(), b.load(indices, {row}));
    return rowWithin(emitter, gather.getInput(), index);
  });
}

static bool gathersRows(nn::GatherOp gather) {
  return tensorType(gather.getInput()).getRank() >= 2 && tensorType(gather.getIndices()).getRank() == 1;
}

static Value pullGather(ElementEmitter &emitter, Operation *op, Place place) {
  auto gather = cast<nn::GatherOp>(op);
  if (!gathersRows(gather) || !emitter.getArgument(gather.getIndices()))
    return emitter.fail(op, "gathers rows only, by a vector of indices that is an argument");
  return emitter.pull(gather.getInput(), {gatheredRow(emitter, gather, place.row), place.column, place.active});
}

static void prepareGather(ElementEmitter &emitter, Operation *op, Value row) {
  auto gather = cast<nn::GatherOp>(op);
  if (gathersRows(gather) && emitter.getArgument(gather.getIndices()))
    emitter.prepare(gather.getInput(), gatheredRow(emitter, gather, row));
}

void tenon::codegen::addShapeRules(ElementRules &rules) {
  rules.add<nn::ReshapeOp>({pullReshape, prepareReshape, [](Operation *op) { return keepsRows(cast<nn::ReshapeOp>(op)); }});
  rules.add<nn::SliceOp>({pullSlice, prepareSlice, nullptr});
  rules.add<nn::ConcatOp>({pullConcat, prepareConcat, nullptr});
  rules.add<nn::BroadcastOp>({pullBroadcast, prepareBroadcast, nullptr});
  rules.add<nn::TransposeOp>({pullTranspose, prepareTranspose, nullptr});
  rules.add<nn::GatherOp>({pullGather, prepareGather, nullptr});
}
