//===- EmbeddingRules.cpp - rows of a table at one place ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "tenon/codegen/cpu/ElementRules.h"
#include "tenon/codegen/cpu/PanelReader.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::codegen;

/// The table's row for a row of the result. A token outside the table means nothing; it reads the last row, not memory beyond.
static Value tokenOf(ElementEmitter &emitter, nn::EmbeddingOp embedding, Value row) {
  LoopBuilder &b = emitter.b;
  return emitter.mapRow(embedding, row, [&] {
    Value word = b.load(emitter.getArgument(embedding.getTokens()), {row});
    Value token = arith::IndexCastUIOp::create(b.builder, b.loc, b.builder.getIndexType(), word);
    int64_t rows = cast<RankedTensorType>(embedding.getTable().getType()).getDimSize(0);
    return b.min(token, b.index(std::max<int64_t>(rows, 1) - 1));
  });
}

static bool readsArguments(ElementEmitter &emitter, nn::EmbeddingOp embedding) {
  return emitter.getArgument(embedding.getTokens()) && emitter.getArgument(embedding.getTable());
}

static Value pullEmbedding(ElementEmitter &emitter, Operation *op, Place place) {
  auto embedding = cast<nn::EmbeddingOp>(op);
  if (!readsArguments(emitter, embedding))
    return emitter.fail(op, "expects tokens and a table that are arguments");
  Value token = tokenOf(emitter, embedding, place.row), table = emitter.getArgument(embedding.getTable());
  auto type = cast<RankedTensorType>(embedding.getTable().getType());
  if (!type.getEncoding()) {
    if (nn::getBlockType(type))
      return emitter.fail(op, "expects a quantised table to be packed in panels");
    return emitter.b.loadFloats(table, {token, place.column}, emitter.lanes, place.active);
  }
  PanelReader reader(emitter.b, type, table);
  if (reader.form && emitter.lanes != tile::panelChannels)
    return emitter.fail(op, "reads a quantised table in vectors of 16 columns only");
  return reader.row(token, place.column, emitter.lanes, place.active);
}

static void prepareEmbedding(ElementEmitter &emitter, Operation *op, Value row) {
  auto embedding = cast<nn::EmbeddingOp>(op);
  if (readsArguments(emitter, embedding))
    tokenOf(emitter, embedding, row);
}

void tenon::codegen::addEmbeddingRules(ElementRules &rules) {
  rules.add<nn::EmbeddingOp>({pullEmbedding, prepareEmbedding, nullptr});
}
