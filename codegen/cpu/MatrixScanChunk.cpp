//===- MatrixScanChunk.cpp - a head's chunk by products of matrices ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// With c_i the sum of a head's decays (logarithms in base 2) up to row i of the chunk, and S the state before it:
//
//   weights[i, j] = 2^(c_i - c_j) (queries keysᵀ)[i, j]  for j <= i, else 0
//   outputs = 2^c_i (queries S) + weights values
//   S' = 2^c_last S + keysᵀ (2^(c_last - c_j) values)
//
// Outputs that read the state before take c_(i-1) for c_i, and j < i. Exponents are at most 0 where decays are; those above the diagonal,
// which may be of any size, are replaced before they are raised. The product of queries and keys is made once for all heads of a group.
//
//===----------------------------------------------------------------------===//

#include "tenon/codegen/cpu/MatrixScanChunk.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::codegen;

static constexpr int64_t lanes = 16;
/// 2^gone is 0.
static constexpr double gone = -1000;

MatrixChunk::MatrixChunk(LoopBuilder &b, const MatrixRecurrence &recurrence, MatrixRows &rows, const Target &target)
    : b(b), recurrence(recurrence), rows(rows), keys(recurrence.keys), chunk(rows.chunk), columns(rows.columns) {
  tile = target.vectorRegisters < 32 ? ProductTile{4, 1} : ProductTile{4, 4};
  Type f32 = b.builder.getF32Type();
  scores = b.scratch({chunk, chunk}, f32);
  if (recurrence.decay) {
    sums = b.scratch({chunk + 1, int64_t(llvm::alignTo(recurrence.headsOfGroup(), lanes))}, f32);
    ends = b.scratch({chunk}, f32);
    factors = b.scratch({chunk}, f32);
  }
  if (target.hasMatrixRegisters() && recurrence.fillsTiles()) {
    tiles = Tiles{SplitMatrix::left(b, chunk, keys),  SplitMatrix::right(b, keys, chunk),    SplitMatrix::left(b, keys, chunk),
                  SplitMatrix::left(b, chunk, chunk), SplitMatrix::right(b, chunk, columns), SplitMatrix::right(b, chunk, columns),
                  SplitMatrix::right(b, keys, columns), b.scratch({chunk, columns}, f32)};
    return;
  }
  turnedKeys = b.scratch({int64_t(llvm::alignTo(keys, lanes)), chunk}, f32);
  weights = b.scratch({chunk, chunk}, f32);
  decayed = b.scratch({chunk, int64_t(llvm::alignTo(columns, lanes))}, f32);
}

//===----------------------------------------------------------------------===//
// What the heads of a group share
//===----------------------------------------------------------------------===//

void MatrixChunk::beginGroup() {
  if (recurrence.decay)
    addDecays();
  if (tiles)
    return splitGroup();
  b.loop(b.index(0), b.index(chunk), lanes, [&](Value row) {
    b.loop(b.index(0), b.index(llvm::alignTo(keys, lanes)), lanes, [&](Value key) {
      for (auto [k, vector] : llvm::enumerate(turnKeys(row, key)))
        b.storeFloats(vector, turnedKeys, {b.add(key, int64_t(k)), row}, lanes);
    });
  });
  auto zero = [&](Value, Value, int64_t) { return b.splat(0, lanes); };
  emitProduct(b, tile, {chunk, chunk, [&](Value) { return b.index(keys); },
                        [&](Value row, Value k) { return b.load(rows.queries, {row, k}); },
                        [&](Value k, Value column, int64_t) { return b.loadFloats(turnedKeys, {k, column}, lanes, lanes); }, zero,
                        [&](Value row, Value column, int64_t, Value sum) { b.storeFloats(sum, scores, {row, column}, lanes); }});
}

/// Sums of decays, of all heads of the group: row 0 is before the chunk's first row. Rows that the chunk lacks decay nothing.
void MatrixChunk::addDecays() {
  int64_t width = cast<MemRefType>(sums.getType()).getDimSize(1);
  b.loop(b.index(0), b.index(width), lanes, [&](Value head) {
    Value zero = b.splat(0, lanes);
    b.storeFloats(zero, sums, {b.index(0), head}, lanes);
    Value last = b.loop(b.index(0), rows.count, 1, zero, [&](Value row, ValueRange carried) {
      Value sum = b.fadd(carried[0], b.loadFloats(rows.decays, {row, head}, lanes, lanes));
      b.storeFloats(sum, sums, {b.add(row, 1), head}, lanes);
      return Values{sum};
    })[0];
    b.loop(rows.count, b.index(chunk), 1, [&](Value row) { b.storeFloats(last, sums, {b.add(row, 1), head}, lanes); });
  });
}

/// 16 keys of 16 rows: a vector of rows for each key.
Values MatrixChunk::turnKeys(Value row, Value key) {
  Values vectors;
  for (int64_t r = 0; r < lanes; ++r)
    vectors.push_back(b.loadFloats(rows.keys, {b.add(row, r), key}, lanes, lanes));
  transpose(b, vectors);
  return vectors;
}

/// Queries and keys in the forms that their products take, and the first of these products.
void MatrixChunk::splitGroup() {
  b.loop(b.index(0), b.index(chunk), 1, [&](Value row) {
    b.loop(b.index(0), b.index(keys), 2 * lanes, [&](Value key) {
      Value first = b.loadFloats(rows.queries, {row, key}, lanes, lanes);
      tiles->queries.setLeft(b, row, key, first, b.loadFloats(rows.queries, {row, b.add(key, lanes)}, lanes, lanes));
    });
  });
  // Neighbours along the rows for the product with the values, along the keys for the one with the queries.
  b.loop(b.index(0), b.index(chunk), 2 * lanes, [&](Value row) {
    b.loop(b.index(0), b.index(keys), lanes, [&](Value key) {
      Values first = turnKeys(row, key), second = turnKeys(b.add(row, lanes), key);
      for (int64_t k = 0; k < lanes; ++k)
        tiles->turnedKeys.setLeft(b, b.add(key, k), row, first[k], second[k]);
    });
  });
  b.loop(b.index(0), b.index(chunk), lanes, [&](Value row) {
    b.loop(b.index(0), b.index(keys), 2 * lanes, [&](Value key) {
      Values first = turnKeys(row, key), second = turnKeys(row, b.add(key, lanes));
      for (int64_t k = 0; k < lanes; ++k)
        tiles->keys.setRight(b, b.add(key, k), row, first[k], second[k]);
    });
  });
  auto at = [&](Value row, Value column) { return SmallVector<Value>{row, column}; };
  b.loop(b.index(0), b.index(chunk), 2 * lanes,
         [&](Value row) { emitTileRows(b, tiles->queries, tiles->keys, row, chunk, keys, {scores, at, chunk}, /*adds=*/false); });
}

//===----------------------------------------------------------------------===//
// A head
//===----------------------------------------------------------------------===//

Value MatrixChunk::exp2(Value exponent) {
  return math::Exp2Op::create(b.builder, b.loc, exponent);
}

/// The head's sums of decays as vectors over rows, up to each row, and the factors 2^c of outputs and of the state.
void MatrixChunk::beginHead() {
  if (!recurrence.decay)
    return;
  b.loop(b.index(0), b.index(chunk), 1, [&](Value row) { b.store(b.load(sums, {b.add(row, 1), rows.headInGroup}), ends, {row}); });
  Value last = b.load(sums, {b.index(chunk), rows.headInGroup});
  lastFactor = b.broadcast(exp2(last), lanes);
  b.loop(b.index(0), b.index(chunk), lanes, [&](Value row) {
    b.storeFloats(exp2(b.fsub(b.broadcast(last, lanes), b.loadFloats(ends, {row}, lanes, lanes))), factors, {row}, lanes);
  });
}

/// The sum of decays up to the state that a row reads.
Value MatrixChunk::readDecay(Value row) {
  return b.load(sums, {recurrence.readsBefore ? row : b.add(row, 1), rows.headInGroup});
}

/// 16 weights of a row.
Value MatrixChunk::weightsOf(Value row, Value column) {
  Value score = b.loadFloats(scores, {row, column}, lanes, lanes);
  Value seen = b.lanesBelow(column, recurrence.readsBefore ? row : b.add(row, 1), lanes);
  if (!recurrence.decay)
    return arith::SelectOp::create(b.builder, b.loc, seen, score, b.splat(0, lanes));
  Value exponent = b.fsub(b.broadcast(readDecay(row), lanes), b.loadFloats(ends, {column}, lanes, lanes));
  return b.fmul(score, exp2(arith::SelectOp::create(b.builder, b.loc, seen, exponent, b.splat(gone, lanes))));
}

/// What a row's product with the state is multiplied by; nothing where nothing decays.
Value MatrixChunk::readFactor(Value row) {
  return recurrence.decay ? b.broadcast(exp2(readDecay(row)), lanes) : Value();
}

Value MatrixChunk::scaled(Value vector, Value factor) {
  return factor ? b.fmul(vector, factor) : vector;
}

Value MatrixChunk::decayedValues(Value row, Value column) {
  Value value = b.loadFloats(rows.values, {row, column}, lanes, lanes);
  return recurrence.decay ? b.fmul(value, b.broadcast(b.load(factors, {row}), lanes)) : value;
}

void MatrixChunk::emitHead(const MatrixState &state) {
  beginHead();
  tiles ? emitByTiles(state) : emitByFloats(state);
}

void MatrixChunk::emitByFloats(const MatrixState &state) {
  auto outputAt = [&](Value row, Value column) { return b.loadFloats(rows.outputs, {row, column}, lanes, lanes); };
  auto storeOutput = [&](Value row, Value column, Value sum) { b.storeFloats(sum, rows.outputs, {row, column}, lanes); };
  auto stateAt = [&](Value key, Value column, int64_t active) {
    return b.loadFloats(state.buffer, state.at(b, key, column), lanes, active);
  };
  auto zero = [&](Value, Value, int64_t) { return b.splat(0, lanes); };
  emitProduct(b, tile, {chunk, columns, [&](Value) { return b.index(keys); },
                        [&](Value row, Value k) { return b.load(rows.queries, {row, k}); }, stateAt, zero,
                        [&](Value row, Value column, int64_t, Value sum) {
                          storeOutput(row, column, b.fadd(outputAt(row, column), scaled(sum, readFactor(row))));
                        }});
  b.loop(b.index(0), b.index(chunk), 1, [&](Value row) {
    b.loop(b.index(0), b.index(chunk), lanes, [&](Value column) { b.storeFloats(weightsOf(row, column), weights, {row, column}, lanes); });
    b.loop(b.index(0), b.index(llvm::alignTo(columns, lanes)), lanes,
           [&](Value column) { b.storeFloats(decayedValues(row, column), decayed, {row, column}, lanes); });
  });
  emitProduct(b, tile, {chunk, columns, [&](Value end) { return end; }, [&](Value row, Value k) { return b.load(weights, {row, k}); },
                        [&](Value k, Value column, int64_t) { return b.loadFloats(rows.values, {k, column}, lanes, lanes); },
                        [&](Value row, Value column, int64_t) { return outputAt(row, column); },
                        [&](Value row, Value column, int64_t, Value sum) { storeOutput(row, column, sum); }});
  emitProduct(b, tile, {keys, columns, [&](Value) { return rows.count; }, [&](Value key, Value k) { return b.load(turnedKeys, {key, k}); },
                        [&](Value k, Value column, int64_t) { return b.loadFloats(decayed, {k, column}, lanes, lanes); },
                        [&](Value key, Value column, int64_t active) { return scaled(stateAt(key, column, active), lastFactor); },
                        [&](Value key, Value column, int64_t active, Value sum) {
                          b.storeFloats(sum, state.buffer, state.at(b, key, column), active);
                        }});
}

void MatrixChunk::emitByTiles(const MatrixState &state) {
  auto at = [&](Value row, Value column) { return SmallVector<Value>{row, column}; };
  auto forPairs = [&](int64_t depth, function_ref<void(Value row, Value column)> body) {
    b.loop(b.index(0), b.index(depth), 2 * lanes, [&](Value block) {
      b.loop(b.index(0), b.index(lanes), 1, [&](Value row) {
        b.loop(b.index(0), b.index(columns), lanes, [&](Value column) { body(b.add(block, row), column); });
      });
    });
  };
  // The state is split, and then decays, so that its change can be added in place.
  forPairs(keys, [&](Value key, Value column) {
    Values vectors;
    for (Value k : {key, b.add(key, lanes)}) {
      vectors.push_back(b.loadFloats(state.buffer, state.at(b, k, column), lanes, lanes));
      if (lastFactor)
        b.storeFloats(b.fmul(vectors.back(), lastFactor), state.buffer, state.at(b, k, column), lanes);
    }
    tiles->state.setRight(b, key, column, vectors[0], vectors[1]);
  });
  forPairs(chunk, [&](Value row, Value column) {
    Value other = b.add(row, lanes);
    tiles->values.setRight(b, row, column, b.loadFloats(rows.values, {row, column}, lanes, lanes),
                           b.loadFloats(rows.values, {other, column}, lanes, lanes));
    tiles->decayed.setRight(b, row, column, decayedValues(row, column), decayedValues(other, column));
  });
  b.loop(b.index(0), b.index(chunk), 1, [&](Value row) {
    for (int64_t column = 0; column < chunk; column += 2 * lanes)
      tiles->weights.setLeft(b, row, b.index(column), weightsOf(row, b.index(column)), weightsOf(row, b.index(column + lanes)));
  });
  b.loop(b.index(0), b.index(chunk), 2 * lanes,
         [&](Value row) { emitTileRows(b, tiles->queries, tiles->state, row, columns, keys, {tiles->read, at, columns}, /*adds=*/false); });
  b.loop(b.index(0), b.index(chunk), 1, [&](Value row) {
    Value factor = readFactor(row);
    b.loop(b.index(0), b.index(columns), lanes, [&](Value column) {
      Value read = b.loadFloats(tiles->read, {row, column}, lanes, lanes), output = b.loadFloats(rows.outputs, {row, column}, lanes, lanes);
      b.storeFloats(b.fadd(output, scaled(read, factor)), rows.outputs, {row, column}, lanes);
    });
  });
  for (int64_t row = 0; row < chunk; row += 2 * lanes)
    emitTileRows(b, tiles->weights, tiles->values, b.index(row), columns, row + 2 * lanes, {rows.outputs, at, columns}, /*adds=*/true);
  auto stateAt = [&](Value key, Value column) { return SmallVector<Value>(state.at(b, key, column)); };
  b.loop(b.index(0), b.index(keys), 2 * lanes, [&](Value key) {
    emitTileRows(b, tiles->turnedKeys, tiles->decayed, key, columns, chunk, {state.buffer, stateAt, state.stride}, /*adds=*/true);
  });
}
