//===- RowwiseEmitter.cpp - kernels that take a row at a time ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The rows are divided over the threads. For each row the statistics come first, then every sink walks its columns.
//
//===----------------------------------------------------------------------===//

#include "tenon/codegen/cpu/KernelFrame.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::codegen;

LogicalResult tenon::codegen::emitRowwise(KernelFrame &frame, ElementEmitter &emitter) {
  LoopBuilder &b = emitter.b;
  // Sinks with the same number of rows share a loop.
  llvm::MapVector<int64_t, SmallVector<const Sink *>> byRows;
  for (const Sink &sink : frame.sinks)
    byRows[Matrix::of(sink.value.getType()).rows].push_back(&sink);
  for (auto &[rows, sinks] : byRows) {
    auto [first, last] = b.share(emitter.rowCount(sinks.front()->value), frame.thread, frame.threads);
    b.loop(first, last, 1, [&, &sinks = sinks](Value row) {
      for (const Sink *sink : sinks)
        emitter.prepare(sink->value, row);
      for (const Sink *sink : sinks)
        writeRow(emitter, *sink, row);
    });
  }
  return success();
}
