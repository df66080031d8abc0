//===- EmbeddingRules.cpp - rows of a table at one place ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A row of the result is a row of a table, chosen by a token or by a position. A number outside the table means nothing; it reads the last
// row, not memory beyond.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "tenon/codegen/cpu/ElementRules.h"
#include "tenon/codegen/cpu/PanelReader.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::codegen;

/// The table's row for a row of the result.
static Value tableRow(ElementEmitter &emitter, nn::EmbeddingOp embedding, Value row) {
  LoopBuilder &b = emitter.b;
  Value word = b.load(emitter.getArgument(embedding.getTokens()), {row});
  return arith::IndexCastUIOp::create(b.builder, b.loc, b.builder.getIndexType(), word);
}
static Value tableRow(ElementEmitter &emitter, nn::PositionEmbeddingOp embedding, Value row) {
  LoopBuilder &b = emitter.b;
  Value position = b.add(row, embedding.getOffset());
  return embedding.getStart() ? b.add(emitter.getArgument(embedding.getStart()), position) : position;
}

static Value rowWithin(ElementEmitter &emitter, Operation *op, Value table, Value row, function_ref<Value()> make) {
  LoopBuilder &b = emitter.b;
  return emitter.mapRow(op, row, [&] {
    int64_t rows = cast<RankedTensorType>(table.getType()).getDimSize(0);
    return b.min(make(), b.index(std::max<int64_t>(rows, 1) - 1));
  });
}

template <typename OpTy> static bool readsArguments(ElementEmitter &emitter, OpTy op) {
  return llvm::all_of(op->getOperands(), [&](Value operand) { return bool(emitter.getArgument(operand)); });
}

/// Weights of one channel of a quantised table, by a reader of 16: those that the place's columns are.
static Value quantizedRow(ElementEmitter &emitter, PanelReader &reader, Value channel, Place place) {
  LoopBuilder &b = emitter.b;
  int64_t lanes = emitter.lanes, wide = tile::panelChannels;
  if (lanes == wide)
    return reader.row(channel, place.column, wide, place.active);
  Value offset = b.rem(place.column, wide);
  Value all = reader.row(channel, b.sub(place.column, offset), wide, wide);
  Value chosen;
  for (int64_t first = 0; first < wide; first += lanes) {
    Value part = b.shuffle(all, all, llvm::to_vector(llvm::seq(first, first + lanes)));
    chosen = chosen ? arith::SelectOp::create(b.builder, b.loc, b.same(offset, first), part, chosen) : part;
  }
  return chosen;
}

template <typename OpTy> static Value pullEmbedding(ElementEmitter &emitter, Operation *op, Place place) {
  auto embedding = cast<OpTy>(op);
  if (!readsArguments(emitter, embedding))
    return emitter.fail(op, "expects tokens, a start and a table that are arguments");
  Value row = rowWithin(emitter, op, embedding.getTable(), place.row, [&] { return tableRow(emitter, embedding, place.row); });
  Value table = emitter.getArgument(embedding.getTable());
  auto type = cast<RankedTensorType>(embedding.getTable().getType());
  if (!type.getEncoding()) {
    if (nn::getBlockType(type))
      return emitter.fail(op, "expects a quantised table to be packed in panels");
    return emitter.b.loadFloats(table, {row, place.column}, emitter.lanes, place.active);
  }
  PanelReader reader(emitter.b, type, table);
  if (reader.form)
    return quantizedRow(emitter, reader, row, place);
  return reader.row(row, place.column, emitter.lanes, place.active);
}

template <typename OpTy> static void prepareEmbedding(ElementEmitter &emitter, Operation *op, Value row) {
  auto embedding = cast<OpTy>(op);
  if (readsArguments(emitter, embedding))
    rowWithin(emitter, op, embedding.getTable(), row, [&] { return tableRow(emitter, embedding, row); });
}

//===----------------------------------------------------------------------===//
// position_scale
//===----------------------------------------------------------------------===//

/// A row's factor is computed once.
static void preparePositionScale(ElementEmitter &emitter, Operation *op, Value row) {
  auto scaled = cast<nn::PositionScaleOp>(op);
  LoopBuilder &b = emitter.b;
  emitter.prepare(scaled.getInput(), row);
  Value start = emitter.getArgument(scaled.getStart());
  if (!start) {
    emitter.fail(op, "expects a start that is an argument");
    return;
  }
  Value intervals = b.div(b.add(b.add(start, row), 1), scaled.getInterval());
  Value word = arith::IndexCastOp::create(b.builder, b.loc, b.builder.getI32Type(), b.add(intervals, 1));
  Value logarithm = math::LogOp::create(b.builder, b.loc, b.toFloat(word));
  emitter.setStatistic(op, row, 0, b.fma(logarithm, b.scalar(scaled.getScale().convertToFloat()), b.scalar(1)));
}

static Value pullPositionScale(ElementEmitter &emitter, Operation *op, Place place) {
  auto scaled = cast<nn::PositionScaleOp>(op);
  return emitter.b.fmul(emitter.pull(scaled.getInput(), place), emitter.getStatistic(op, place, 0, 1));
}

void tenon::codegen::addEmbeddingRules(ElementRules &rules) {
  rules.add<nn::EmbeddingOp>({pullEmbedding<nn::EmbeddingOp>, prepareEmbedding<nn::EmbeddingOp>, nullptr});
  rules.add<nn::PositionEmbeddingOp>({pullEmbedding<nn::PositionEmbeddingOp>, prepareEmbedding<nn::PositionEmbeddingOp>, nullptr});
  rules.add<nn::PositionScaleOp>({pullPositionScale, preparePositionScale, [](Operation *) { return true; }});
}
