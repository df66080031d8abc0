//===- ElementEmitter.h - any value of a kernel at one place ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Every value of a kernel's region is seen as a matrix: rows of its first dimension, columns of the others. An ElementEmitter
// gives a value at a place, that is some neighbouring columns of one row, as a vector of f32, by pulling the values that it is
// made of: arguments are loaded, elementwise ops compute, shape ops change the place. What needs a whole row first (a norm's
// sum of squares) is a statistic: `prepare` computes it before the columns are walked. An emitter of a family binds the
// values that it computes itself, the results of linears and of attention.
//
// How an op answers is its rule; rules are tables in the files named for the families of ops (NormRules.cpp, ...).
//
//===----------------------------------------------------------------------===//

#pragma once

#include "mlir/IR/Operation.h"
#include "tenon/codegen/cpu/LoopBuilder.h"
#include <functional>
#include <map>

namespace tenon::codegen {

/// Columns `column ... column + lanes` of row `row`, of which the first `active` exist; the values in the others are of no matter.
struct Place {
  Value row;
  Value column;
  int64_t active;
};

/// Neighbouring columns of a row.
struct Span {
  Value first;
  int64_t columns;
};

/// The matrix that a tensor type is seen as. A vector of dynamic length is a column, one of static length a row.
struct Matrix {
  int64_t rows; ///< dynamic when it is the call's number of tokens
  int64_t columns;
  static Matrix of(mlir::Type tensor);
};

class ElementEmitter;

/// The threads that go through the columns of a row together. On a CPU a thread has its rows to itself, and there is no team.
class RowTeam {
public:
  using Combine = llvm::function_ref<Value(Value, Value)>;

  virtual ~RowTeam() = default;
  Value rank;       ///< of the thread in the team, an index
  int64_t size = 1; ///< threads; neighbours in rank take neighbouring columns
  /// Teams of fewer threads that this one consists of, the thread's one and which it is; null if there are none.
  RowTeam *part = nullptr;
  Value partRank;
  int64_t parts = 1;

  /// A scalar of each thread combined over all of them, the same in each. Every thread has to come here.
  virtual Value across(Value scalar, Combine combine) = 0;
  /// The same over `count` threads whose ranks begin at a multiple of `count`, a power of two. All these have to come here.
  virtual Value acrossNeighbours(Value scalar, int64_t count, Combine combine) = 0;
  /// Memory that the threads share.
  virtual Value scratch(llvm::ArrayRef<int64_t> shape, mlir::Type element) = 0;
  /// Waits for every thread, so that what they wrote to shared memory is seen.
  virtual void barrier() = 0;
};

/// How an op gives its result.
struct ElementRule {
  /// The op's result at a place.
  std::function<Value(ElementEmitter &, mlir::Operation *, Place)> pull;
  /// Computes what pulls of this row will need; without it the operands are prepared for the same row.
  std::function<void(ElementEmitter &, mlir::Operation *, Value row)> prepare;
  /// Whether a pull reads its operands at its own place only, so that it may stand behind a value of which one tile is known.
  std::function<bool(mlir::Operation *)> keepsPlace;
};

/// Whether a pull of the op reads its operands at its own place only.
bool keepsPlace(mlir::Operation *op);

/// The rules by op.
class ElementRules {
public:
  template <typename OpTy> void add(ElementRule rule) { rules[mlir::TypeID::get<OpTy>()] = std::move(rule); }
  const ElementRule *find(mlir::Operation *op) const;
  /// All rules of the compiler.
  static const ElementRules &all();

private:
  llvm::DenseMap<mlir::TypeID, ElementRule> rules;
};

class ElementEmitter {
public:
  using Source = std::function<Value(Place)>;

  /// `lanes` is what the target takes at once (16 on a CPU, 4 on a GPU), or 1 for kernels in which so many columns do not stay together.
  ElementEmitter(LoopBuilder &builder, int64_t lanes, Value tokens, Value position)
      : b(builder), lanes(lanes), tokens(tokens), position(position) {}

  LoopBuilder &b;
  const int64_t lanes;
  Value tokens;   ///< rows of the call
  Value position; ///< positions in the state before the call
  RowTeam *team = nullptr;

  /// The buffer or index that stands for an argument of the kernel.
  void setArgument(Value argument, Value buffer) { arguments[argument] = buffer; }
  /// Null when `value` is no argument.
  Value getArgument(Value value) const { return arguments.lookup(value); }
  /// Makes `source` answer for `value`.
  void bind(Value value, Source source) { bound[value] = std::move(source); }

  /// The value at a place.
  Value pull(Value value, Place place);
  /// 16 lanes of the value at a place, whatever `lanes` is.
  Value pullWide(Value value, Place place);
  /// Prefetches the arguments that a value is made of at a place, as far as ops keep to it.
  void prefetch(Value value, Place place);
  /// Computes the statistics that pulls of this row will need.
  void prepare(Value value, Value row);

  /// Makes a part of each row what is at hand, as in a contraction that computes some heads at a time.
  void setSpan(std::optional<Span> span) { present = span; }
  /// The columns of a value that are at hand: its whole rows, unless a span was set.
  Span spanOf(Value value);
  /// Forgets statistics and pulled values, for a tile that is begun.
  void forgetRows() { statistics.clear(), pulled.clear(); }

  /// A statistic of an op for a row: a scalar, or one for each group of columns in scratch memory.
  void setStatistic(mlir::Operation *op, Value row, int64_t number, Value statistic);
  /// The statistic, broadcast; `columns` is the size of a group.
  Value getStatistic(mlir::Operation *op, Place place, int64_t number, int64_t columns);
  /// A statistic that is scratch memory, as it is; null if there is none, which is reported.
  Value getScratch(mlir::Operation *op, Value row, int64_t number);
  /// The statistics of the groups that the place's columns number.
  Value getGroupStatistics(mlir::Operation *op, Place place, int64_t number);
  /// The row of another value that belongs to `row` of this op's result; `make` computes it the first time.
  Value mapRow(mlir::Operation *op, Value row, llvm::function_ref<Value()> make);

  Value rowCount(Value tensor);
  /// Scratch memory, of the team if there is one.
  Value scratch(llvm::ArrayRef<int64_t> shape, mlir::Type element) {
    return team ? team->scratch(shape, element) : b.scratch(shape, element);
  }
  /// Waits for the team, if there is one, before its scratch memory is read.
  void meet() {
    if (team)
      team->barrier();
  }
  /// Calls `body` with the places that cover `columns` columns of a row from `first` on; in a team with those of the thread.
  void forColumns(Value row, Value first, int64_t columns, llvm::function_ref<void(Place)> body);
  /// `value`, with `fill` in the lanes that are not active.
  Value fillInactive(Value value, Place place, double fill);

  /// Reports that the op cannot be emitted; returns a value to go on with.
  Value fail(mlir::Operation *op, const llvm::Twine &why);
  /// Asks for the kernel to be emitted with one lane; returns a value to go on with.
  Value wantSingleLane();
  /// Whether `columns` keeps groups of lanes together; asks for one lane if not.
  bool staysTogether(int64_t columns);
  bool failed() const { return hasFailed; }
  bool wantsSingleLane() const { return singleLane; }

private:
  Value pullOp(Value value, Place place);

  llvm::DenseMap<Value, Value> arguments;
  llvm::DenseMap<Value, Source> bound;
  std::map<std::tuple<mlir::Operation *, const void *, int64_t>, Value> statistics;
  std::map<std::pair<mlir::Operation *, const void *>, Value> mappedRows;
  /// Values pulled already in a block, by row and column.
  std::map<std::tuple<const void *, const void *, const void *, mlir::Block *>, Value> pulled;
  std::optional<Span> present;
  bool hasFailed = false;
  bool singleLane = false;
};

} // namespace tenon::codegen
