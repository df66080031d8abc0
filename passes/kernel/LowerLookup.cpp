//===- LowerLookup.cpp - small tables in a target's instructions ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Byte shuffles look up each group of 16 bytes in the group's own table, so the table is repeated for wider vectors. A machine without them
// chooses between the entries bit by bit: fifteen selects of whole vectors.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "tenon/codegen/target/Target.h"
#include "tenon/dialects/tile/Tile.h"
#include "tenon/passes/kernel/Passes.h"

namespace tenon {
#define GEN_PASS_DEF_LOWERLOOKUPPASS
#include "tenon/passes/kernel/Passes.h.inc"
} // namespace tenon

using namespace mlir;
using namespace tenon;

namespace {
/// One byte shuffle: the bytes that it looks up, and the feature that it takes.
struct ByteShuffle {
  int64_t bytes;
  StringLiteral feature, intrinsic;
};
constexpr ByteShuffle shuffles[] = {
    {64, "avx512bw", "llvm.x86.avx512.pshuf.b.512"}, {32, "avx2", "llvm.x86.avx2.pshuf.b"}, {16, "ssse3", "llvm.x86.ssse3.pshuf.b.128"}};
} // namespace

static Value shuffleOf(OpBuilder &builder, Location loc, Value vector, int64_t first, int64_t count, int64_t period) {
  SmallVector<int64_t> places;
  for (int64_t i = 0; i < count; ++i)
    places.push_back(first + i % period);
  return vector::ShuffleOp::create(builder, loc, vector, vector, places);
}

/// Looks up slices of the shuffle's width and joins them.
static Value shuffled(OpBuilder &builder, tile::LookupOp op, const ByteShuffle &shuffle) {
  Location loc = op.getLoc();
  int64_t all = cast<VectorType>(op.getIndices().getType()).getNumElements();
  Value table = shuffleOf(builder, loc, op.getTable(), 0, shuffle.bytes, 16), result;
  for (int64_t first = 0; first < all; first += shuffle.bytes) {
    Value indices = all == shuffle.bytes ? op.getIndices() : shuffleOf(builder, loc, op.getIndices(), first, shuffle.bytes, shuffle.bytes);
    Value part =
        LLVM::CallIntrinsicOp::create(builder, loc, indices.getType(), builder.getStringAttr(shuffle.intrinsic), ValueRange{table, indices})
            .getResults();
    if (result) {
      // A shuffle takes vectors of different lengths.
      int64_t count = cast<VectorType>(result.getType()).getNumElements();
      result = vector::ShuffleOp::create(builder, loc, result, part, llvm::to_vector(llvm::seq<int64_t>(0, count + shuffle.bytes)));
    } else {
      result = part;
    }
  }
  return result;
}

static Value chosen(OpBuilder &builder, tile::LookupOp op) {
  Location loc = op.getLoc();
  auto type = cast<VectorType>(op.getIndices().getType());
  SmallVector<Value> entries;
  for (int64_t i = 0; i < 16; ++i)
    entries.push_back(vector::BroadcastOp::create(builder, loc, type, vector::ExtractOp::create(builder, loc, op.getTable(), i)));
  Value zero = arith::ConstantOp::create(builder, loc, builder.getZeroAttr(type));
  for (int64_t bit = 0; bit < 4; ++bit) {
    Attribute mask = builder.getI8IntegerAttr(int8_t(1 << bit));
    Value masked =
        arith::AndIOp::create(builder, loc, op.getIndices(), arith::ConstantOp::create(builder, loc, DenseElementsAttr::get(type, mask)));
    Value isSet = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ne, masked, zero);
    SmallVector<Value> half;
    for (size_t i = 0; i < entries.size(); i += 2)
      half.push_back(arith::SelectOp::create(builder, loc, isSet, entries[i + 1], entries[i]));
    entries = std::move(half);
  }
  return entries.front();
}

static Value lower(tile::LookupOp op, const codegen::Target &target) {
  OpBuilder builder(op);
  int64_t all = cast<VectorType>(op.getIndices().getType()).getNumElements();
  for (const ByteShuffle &shuffle : shuffles)
    if (target.has(shuffle.feature) && all % shuffle.bytes == 0)
      return shuffled(builder, op, shuffle);
  return chosen(builder, op);
}

namespace {
struct LowerLookupPass : tenon::impl::LowerLookupPassBase<LowerLookupPass> {
  using Base::Base;

  void runOnOperation() override {
    std::optional<codegen::Target> machine = codegen::Target::find(target);
    if (!machine) {
      getOperation()->emitError("unknown target ") << target;
      return signalPassFailure();
    }
    getOperation()->walk([&](tile::LookupOp op) {
      op.replaceAllUsesWith(lower(op, *machine));
      op.erase();
    });
  }
};
} // namespace
