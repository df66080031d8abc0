//===- LoopBuilder.h - writes loops, index arithmetic and vectors ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The vocabulary in which the CPU emitters speak. Index arithmetic folds as it is written, constants and scratch memory go to
// the entry block of the function, loops take their body as a function, and vectors are read from and written to buffers of
// floats or of bytes. Only scf, arith, vector, math and memref ops are made.
//
//===----------------------------------------------------------------------===//

#pragma once

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace tenon::codegen {

using mlir::Value;
using mlir::ValueRange;
using Values = llvm::SmallVector<Value>;

class LoopBuilder {
public:
  /// Writes at the builder's insertion point; `entry` is the entry block of the function being written.
  LoopBuilder(mlir::OpBuilder &builder, mlir::Location loc, mlir::Block *entry) : builder(builder), loc(loc), entry(entry) {}

  mlir::OpBuilder &builder;
  mlir::Location loc;
  mlir::Block *entryBlock() { return entry; }
  /// Whether the target reads and writes some lanes of a vector at once; otherwise they are read and written one by one.
  bool hasMasks = true;

  // Index arithmetic; all values are non-negative.
  Value index(int64_t value);
  Value add(Value a, Value b);
  Value add(Value a, int64_t b) { return add(a, index(b)); }
  Value sub(Value a, Value b);
  Value mul(Value a, Value b);
  Value mul(Value a, int64_t b) { return mul(a, index(b)); }
  Value div(Value a, Value b);
  Value div(Value a, int64_t b) { return div(a, index(b)); }
  Value rem(Value a, int64_t b);
  Value min(Value a, Value b);
  Value max(Value a, Value b);
  Value less(Value a, Value b);
  Value same(Value a, int64_t b);

  /// The part [first, last) of `count` items that `thread` of `threads` does.
  std::pair<Value, Value> share(Value count, Value thread, Value threads);

  // Control flow.
  void loop(Value first, Value last, int64_t step, llvm::function_ref<void(Value)> body);
  void loop(Value first, Value last, Value step, llvm::function_ref<void(Value)> body);
  /// A loop that carries values; `body` returns the next ones.
  Values loop(Value first, Value last, int64_t step, ValueRange carried, llvm::function_ref<Values(Value, ValueRange)> body);
  /// Calls `body` for `step` from 0, `step`, ... on, in a loop, and for what is left of `size` behind them.
  void cover(int64_t size, int64_t step, llvm::function_ref<void(Value first, int64_t count)> body);
  void when(Value condition, llvm::function_ref<void()> then);
  void choose(Value condition, llvm::function_ref<void()> then, llvm::function_ref<void()> otherwise);
  /// The value that one of the two makes.
  Value either(Value condition, llvm::function_ref<Value()> then, llvm::function_ref<Value()> otherwise);

  // Types and constants.
  mlir::VectorType floats(int64_t lanes);
  mlir::VectorType ints(int64_t lanes);
  mlir::VectorType bytes(int64_t lanes);
  Value constant(mlir::TypedAttr value);
  Value splat(double value, int64_t lanes);
  Value splatInt(int64_t value, int64_t lanes);
  Value scalar(double value);
  Value scalarInt(int64_t value);

  // Arithmetic on f32 and i32, scalars or vectors.
  Value fadd(Value a, Value b);
  Value fsub(Value a, Value b);
  Value fmul(Value a, Value b);
  Value fdiv(Value a, Value b);
  Value fma(Value a, Value b, Value c);
  /// The larger (smaller) of two numbers; `b` if one is not a number.
  Value fmax(Value a, Value b);
  Value fmin(Value a, Value b);
  Value fabs(Value a);
  Value iadd(Value a, Value b);
  Value imul(Value a, Value b);
  /// i32 to f32, scalar or vector.
  Value toFloat(Value ints);
  /// Lane-wise f16 or bf16 to f32; f32 unchanged.
  Value widen(Value floats);
  /// Lane-wise f32 to `element`, rounded to nearest even.
  Value narrow(Value floats, mlir::Type element);

  // Between scalars and vectors.
  Value broadcast(Value scalar, int64_t lanes);
  Value bitcast(Value vector, mlir::VectorType type);
  Value extract(Value vector, int64_t lane);
  Value insert(Value scalar, Value vector, int64_t lane);
  Value shuffle(Value a, Value b, llvm::ArrayRef<int64_t> lanes);
  /// Whether `first + lane` is less than `end`, for each lane.
  Value lanesBelow(Value first, Value end, int64_t lanes);
  /// `first + lane - origin` as f32, for each lane.
  Value distances(Value first, Value origin, int64_t lanes);
  Value reduceAdd(Value vector);
  Value reduceMax(Value vector);
  Value reduceMin(Value vector);

  // Memory. `active` lanes are read or written, all when it is `lanes`; the others read as zero.
  Value loadFloats(Value buffer, ValueRange indices, int64_t lanes, int64_t active);
  Value loadFloats(Value buffer, ValueRange indices, int64_t lanes, Value mask);
  void storeFloats(Value vector, Value buffer, ValueRange indices, int64_t active);
  Value load(Value buffer, ValueRange indices);
  void store(Value scalar, Value buffer, ValueRange indices);
  /// Brings what lies at a place, which may be past the buffer's end, near to the processor, to be read or written soon.
  void prefetch(Value buffer, ValueRange indices, bool isWritten);
  /// A vector of any type at a byte of an i8 buffer.
  Value loadAs(mlir::VectorType type, Value buffer, ValueRange indices);
  void storeAs(Value vector, Value buffer, ValueRange indices);
  /// The same at a byte that is a multiple of the vector's size, or of 16.
  Value loadAligned(mlir::VectorType type, Value buffer, ValueRange indices);
  /// A scalar of any type at a byte of an i8 buffer.
  Value loadAs(mlir::Type type, Value buffer, ValueRange indices);
  /// Memory of the function's own, aligned to 64 bytes.
  Value scratch(llvm::ArrayRef<int64_t> shape, mlir::Type element);

private:
  Value mask(int64_t lanes, int64_t active);

  mlir::Block *entry;
  llvm::DenseMap<mlir::Attribute, Value> constants;
};

} // namespace tenon::codegen
