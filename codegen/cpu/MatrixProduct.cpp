//===- MatrixProduct.cpp - products of matrices in scratch memory ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/codegen/cpu/MatrixProduct.h"
#include "mlir/Dialect/AMX/AMXDialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace tenon::codegen;

static constexpr int64_t lanes = 16;

//===----------------------------------------------------------------------===//
// Register tiles of f32
//===----------------------------------------------------------------------===//

/// A tile of `rows` rows and as many vectors as `active` has entries.
static void emitTile(LoopBuilder &b, const FloatProduct &product, Value row, int64_t rows, Value column, ArrayRef<int64_t> active) {
  Values sums;
  for (int64_t r = 0; r < rows; ++r)
    for (auto [v, count] : llvm::enumerate(active))
      sums.push_back(product.start(b.add(row, r), b.add(column, int64_t(v) * lanes), count));
  sums = b.loop(b.index(0), product.depth(b.add(row, rows)), 1, sums, [&](Value k, ValueRange carried) {
    Values rights, next(carried);
    for (auto [v, count] : llvm::enumerate(active))
      rights.push_back(product.right(k, b.add(column, int64_t(v) * lanes), count));
    for (int64_t r = 0; r < rows; ++r) {
      Value left = b.broadcast(product.left(b.add(row, r), k), lanes);
      for (auto [v, right] : llvm::enumerate(rights))
        next[r * rights.size() + v] = b.fma(left, right, next[r * rights.size() + v]);
    }
    return next;
  });
  for (int64_t r = 0; r < rows; ++r)
    for (auto [v, count] : llvm::enumerate(active))
      product.finish(b.add(row, r), b.add(column, int64_t(v) * lanes), count, sums[r * active.size() + v]);
}

SmallVector<int64_t> tenon::codegen::activeLanes(int64_t columns) {
  SmallVector<int64_t> active(columns / lanes, lanes);
  if (columns % lanes != 0)
    active.push_back(columns % lanes);
  return active;
}

void tenon::codegen::emitProduct(LoopBuilder &b, const ProductTile &tile, const FloatProduct &product) {
  b.cover(product.columns, tile.vectors * lanes, [&](Value column, int64_t columns) {
    SmallVector<int64_t> active = activeLanes(columns);
    b.cover(product.rows, tile.rows, [&](Value row, int64_t rows) { emitTile(b, product, row, rows, column, active); });
  });
}

//===----------------------------------------------------------------------===//
// Factors in two parts
//===----------------------------------------------------------------------===//

SplitMatrix SplitMatrix::left(LoopBuilder &b, int64_t rows, int64_t depth) {
  Type bf16 = b.builder.getBF16Type();
  return {b.scratch({rows, depth}, bf16), b.scratch({rows, depth}, bf16)};
}

SplitMatrix SplitMatrix::right(LoopBuilder &b, int64_t depth, int64_t columns) {
  return left(b, depth / 2, 2 * columns);
}

/// Rounds to bf16: the number as bits whose lower half is 0. What is not finite makes the low part not a number.
static Value roundBits(LoopBuilder &b, Value vector) {
  Value bits = b.iadd(b.bitcast(vector, b.ints(lanes)), b.splatInt(0x8000, lanes));
  return arith::AndIOp::create(b.builder, b.loc, bits, b.splatInt(int32_t(0xffff0000), lanes));
}

void SplitMatrix::set(LoopBuilder &b, ValueRange indices, Value first, Value second) const {
  auto pack = [&](Value firstBits, Value secondBits, Value buffer) {
    Value lower = arith::ShRUIOp::create(b.builder, b.loc, firstBits, b.splatInt(16, lanes));
    Value both = arith::OrIOp::create(b.builder, b.loc, lower, secondBits);
    Value halves = b.bitcast(both, VectorType::get({2 * lanes}, b.builder.getBF16Type()));
    vector::StoreOp::create(b.builder, b.loc, halves, buffer, indices);
  };
  Value firstBits = roundBits(b, first), secondBits = roundBits(b, second);
  pack(firstBits, secondBits, high);
  auto rest = [&](Value vector, Value bits) { return roundBits(b, b.fsub(vector, b.bitcast(bits, b.floats(lanes)))); };
  pack(rest(first, firstBits), rest(second, secondBits), low);
}

void SplitMatrix::setLeft(LoopBuilder &b, Value row, Value depth, Value first, Value second) const {
  set(b, {row, depth}, first, second);
}

void SplitMatrix::setRight(LoopBuilder &b, Value depth, Value column, Value first, Value second) const {
  // Rows 0 ... 15 of each 32 hold the pairs.
  Value pair = b.add(b.mul(b.div(depth, 2 * lanes), lanes), b.rem(depth, lanes));
  set(b, {pair, b.mul(column, 2)}, first, second);
}

//===----------------------------------------------------------------------===//
// Matrix registers
//===----------------------------------------------------------------------===//

namespace {
/// Two rows of tiles by one or two columns of them. Eight registers hold the sums, and of each factor one part at a time.
struct Tiles {
  LoopBuilder &b;
  amx::TileType sums = amx::TileType::get({lanes, lanes}, b.builder.getF32Type());
  amx::TileType factors = amx::TileType::get({lanes, 2 * lanes}, b.builder.getBF16Type());

  Value load(amx::TileType type, Value buffer, ValueRange indices, int64_t stride) {
    return amx::TileLoadOp::create(b.builder, b.loc, type, buffer, indices, b.index(stride));
  }
  Value factor(Value buffer, Value row, Value column) {
    return load(factors, buffer, {row, column}, cast<MemRefType>(buffer.getType()).getDimSize(1));
  }
  Values lefts(Value buffer, Value row, int64_t depth) {
    return {factor(buffer, row, b.index(depth)), factor(buffer, b.add(row, lanes), b.index(depth))};
  }
  Values rights(Value buffer, Value column, int64_t count, int64_t depth) {
    Values tiles;
    for (int64_t c = 0; c < count; ++c)
      tiles.push_back(factor(buffer, b.index(depth / 2), b.mul(b.add(column, c * lanes), 2)));
    return tiles;
  }
  void multiply(ValueRange lefts, ValueRange rights, Values &sums) {
    for (auto [r, left] : llvm::enumerate(lefts))
      for (auto [c, right] : llvm::enumerate(rights)) {
        Value &sum = sums[r * rights.size() + c];
        sum = amx::TileMulFOp::create(b.builder, b.loc, this->sums, left, right, sum);
      }
  }
};
} // namespace

void tenon::codegen::emitTileRows(LoopBuilder &b, const SplitMatrix &left, const SplitMatrix &right, Value row, int64_t columns,
                                  int64_t depth, const TileTarget &target, bool adds) {
  Tiles tiles{b};
  auto emitColumns = [&](Value column, int64_t width) {
    int64_t count = width / lanes;
    Values sums;
    auto at = [&](int64_t r, int64_t c) { return target.at(b.add(row, r * lanes), b.add(column, c * lanes)); };
    for (int64_t r = 0; r < 2; ++r)
      for (int64_t c = 0; c < count; ++c)
        sums.push_back(adds ? tiles.load(tiles.sums, target.buffer, at(r, c), target.stride)
                            : Value(amx::TileZeroOp::create(b.builder, b.loc, tiles.sums)));
    for (int64_t k = 0; k < depth; k += 2 * lanes) {
      Values highs = tiles.lefts(left.high, row, k);
      tiles.multiply(highs, tiles.rights(right.low, column, count, k), sums);
      Values rights = tiles.rights(right.high, column, count, k);
      tiles.multiply(highs, rights, sums);
      tiles.multiply(tiles.lefts(left.low, row, k), rights, sums);
    }
    for (int64_t r = 0; r < 2; ++r)
      for (int64_t c = 0; c < count; ++c)
        amx::TileStoreOp::create(b.builder, b.loc, target.buffer, at(r, c), sums[r * count + c], b.index(target.stride));
  };
  b.cover(columns, 2 * lanes, emitColumns);
}

void tenon::codegen::transpose(LoopBuilder &b, MutableArrayRef<Value> vectors) {
  for (int64_t distance = 1; distance < lanes; distance *= 2) {
    SmallVector<int64_t> first, second;
    for (int64_t lane = 0; lane < lanes; ++lane) {
      bool isLow = (lane & distance) == 0;
      first.push_back(isLow ? lane : lanes + lane - distance);
      second.push_back(isLow ? lane + distance : lanes + lane);
    }
    for (int64_t i = 0; i < lanes; ++i)
      if ((i & distance) == 0) {
        Value low = vectors[i], high = vectors[i + distance];
        vectors[i] = b.shuffle(low, high, first);
        vectors[i + distance] = b.shuffle(low, high, second);
      }
  }
}
