//===- MatrixScanEmitter.cpp - kernels of recurrences whose state is a matrix a head ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The heads, and blocks of their columns, are divided over the threads. Rows go in chunks; a thread makes what a group's heads share of a
// chunk's rows once, and then takes its heads of the group. Where the form is chunked, a chunk that is at least half full goes by products
// of matrices, any other row by row.
//
//===----------------------------------------------------------------------===//

#include "tenon/codegen/cpu/MatrixScanChunk.h"
#include "tenon/codegen/cpu/ScanFrame.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::codegen;

namespace {
class MatrixScan {
public:
  MatrixScan(ScanFrame &scan, const MatrixRecurrence &recurrence)
      : scan(scan), b(scan.b), recurrence(recurrence), blocks(MatrixBlocks::of(recurrence, scan.frame.target)),
        blocksOfHead(recurrence.values / blocks.columns),
        chunk(scan.frame.schedule.getChunk()), rows(scan.emitter, recurrence, chunk, blocks.columns, /*forProducts=*/false) {
    if (scan.frame.schedule.getForm() == tile::ScanForm::chunked) {
      productRows.emplace(scan.emitter, recurrence, chunk, blocks.columns, /*forProducts=*/true);
      products.emplace(b, recurrence, *productRows, scan.frame.target);
    }
  }
  void emit();

private:
  /// Calls `body` for the thread's blocks from `first` to `last`, with the head and the first column.
  void forBlocks(Value first, Value last, function_ref<void(Value head, Value column)> body);
  void forPlaces(Value first, Value last, function_ref<void(Place)> body);
  /// Takes the thread's blocks of a group through a chunk.
  void emitGroup(bool byProducts, Value group, Value first, Value last, Value firstRow, Value count);

  ScanFrame &scan;
  LoopBuilder &b;
  const MatrixRecurrence &recurrence;
  MatrixBlocks blocks;
  int64_t blocksOfHead;
  int64_t chunk;
  MatrixRows rows;
  std::optional<MatrixRows> productRows;
  std::optional<MatrixChunk> products; ///< where the form is chunked
};
} // namespace

void MatrixScan::forBlocks(Value first, Value last, function_ref<void(Value head, Value column)> body) {
  b.loop(first, last, 1, [&](Value block) { body(b.div(block, blocksOfHead), b.mul(b.rem(block, blocksOfHead), blocks.columns)); });
}

/// Calls `body` for the places of the state in the thread's blocks.
void MatrixScan::forPlaces(Value first, Value last, function_ref<void(Place)> body) {
  forBlocks(first, last, [&](Value head, Value column) {
    b.loop(b.index(0), b.index(recurrence.keys), 1,
           [&](Value key) { scan.emitter.forColumns(head, b.add(b.mul(key, recurrence.values), column), blocks.columns, body); });
  });
}

void MatrixScan::emit() {
  auto [first, last] = b.share(b.index(recurrence.heads * blocksOfHead), scan.frame.thread, scan.frame.threads);
  scan.moveState(0, [&, first = first, last = last](function_ref<void(Place)> move) { forPlaces(first, last, move); });
  int64_t blocksOfGroup = recurrence.headsOfGroup() * blocksOfHead;
  Value firstGroup = b.div(first, blocksOfGroup), lastGroup = b.div(b.add(last, blocksOfGroup - 1), blocksOfGroup);
  scan.forChunks([&, first = first, last = last](Value firstRow, Value count) {
    b.loop(firstGroup, lastGroup, 1, [&](Value group) {
      Value start = b.mul(group, blocksOfGroup);
      Value from = b.max(first, start), to = b.min(last, b.add(start, blocksOfGroup));
      auto byRows = [&] { emitGroup(/*byProducts=*/false, group, from, to, firstRow, count); };
      auto byProducts = [&] { emitGroup(/*byProducts=*/true, group, from, to, firstRow, count); };
      if (products)
        b.choose(b.less(count, b.index(chunk / 2)), byRows, byProducts);
      else
        byRows();
    });
  });
  if (scan.hasOtherTargets(0))
    forPlaces(first, last, [&](Place place) { scan.storeState(0, scan.loadState(0, place), place); });
}

void MatrixScan::emitGroup(bool byProducts, Value group, Value first, Value last, Value firstRow, Value count) {
  MatrixRows &rows = byProducts ? *productRows : this->rows;
  rows.loadGroup(group, firstRow, count);
  if (byProducts)
    products->beginGroup();
  forBlocks(first, last, [&](Value head, Value column) {
    rows.loadHead(head, column);
    MatrixState state{scan.movedState(0), head, column, recurrence.values};
    byProducts ? products->emitHead(state) : emitMatrixSteps(b, recurrence, blocks, rows, state);
    scan.writeColumns(firstRow, count, b.add(b.mul(head, recurrence.values), column), blocks.columns, rows.outputs);
  });
}

LogicalResult tenon::codegen::emitMatrixScan(ScanFrame &scan, const MatrixRecurrence &recurrence) {
  for (Value operand : {recurrence.bonus, recurrence.skip})
    if (operand && !scan.emitter.getArgument(operand))
      return scan.op->emitError("kernel for a CPU: expects a bonus and a skip that are arguments");
  if (scan.frame.schedule.getForm() == tile::ScanForm::chunked) {
    if (const char *why = recurrence.whyNotByProducts())
      return scan.op->emitError("kernel for a CPU: has no chunked form, because ") << why;
    if (scan.frame.schedule.getChunk() % 32 != 0)
      return scan.op->emitError("kernel for a CPU: expects chunks of a multiple of 32 rows, but got ") << scan.frame.schedule.getChunk();
  }
  MatrixScan(scan, recurrence).emit();
  return success();
}
