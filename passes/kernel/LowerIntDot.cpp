//===- LowerIntDot.cpp - integer dot products in a target's instructions ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// LLVM 22 does not find these instructions in widened arithmetic, so they are called as intrinsics; the target's features say which.
// Vectors wider than the instruction are done in slices.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "tenon/codegen/target/Target.h"
#include "tenon/dialects/tile/Tile.h"
#include "tenon/passes/kernel/Passes.h"

namespace tenon {
#define GEN_PASS_DEF_LOWERINTDOTPASS
#include "tenon/passes/kernel/Passes.h.inc"
} // namespace tenon

using namespace mlir;
using namespace tenon;

namespace {
/// One dot product being written.
struct Dot {
  OpBuilder &builder;
  Location loc;
  bool isSmall;

  VectorType bytes(int64_t count) { return VectorType::get({count}, builder.getI8Type()); }
  VectorType halfwords(int64_t count) { return VectorType::get({count}, builder.getI16Type()); }
  VectorType words(int64_t count) { return VectorType::get({count}, builder.getI32Type()); }

  Value call(StringRef intrinsic, Type type, ValueRange operands) {
    return LLVM::CallIntrinsicOp::create(builder, loc, type, builder.getStringAttr(intrinsic), operands).getResults();
  }
  Value splat(VectorType type, int64_t value) {
    auto element = builder.getIntegerAttr(type.getElementType(), value);
    return arith::ConstantOp::create(builder, loc, DenseElementsAttr::get(type, Attribute(element)));
  }
  // Shuffles, which every later lowering knows.
  Value part(Value vector, int64_t first, int64_t count) {
    return vector::ShuffleOp::create(builder, loc, vector, vector, llvm::to_vector(llvm::seq(first, first + count)));
  }
  Value join(ArrayRef<Value> parts) {
    if (parts.size() == 1)
      return parts.front();
    Value low = join(parts.take_front(parts.size() / 2)), high = join(parts.drop_front(parts.size() / 2));
    int64_t count = 2 * cast<VectorType>(low.getType()).getNumElements();
    return vector::ShuffleOp::create(builder, loc, low, high, llvm::to_vector(llvm::seq<int64_t>(0, count)));
  }

  Value vnni(Value acc, Value lhs, Value rhs, StringRef intrinsic) { return call(intrinsic, acc.getType(), {acc, lhs, rhs}); }
  Value fourWay(Value acc, Value lhs, Value rhs);
  Value avx2(Value acc, Value lhs, Value rhs);
  Value avx2Chain(MutableArrayRef<tile::IntDotOp> chain);
  Value bytePairs(Value lhs, Value rhs) { return call("llvm.x86.avx2.pmadd.ub.sw", halfwords(16), {lhs, rhs}); }
  Value halfwordPairs(Value sums) { return call("llvm.x86.avx2.pmadd.wd", words(8), {sums, splat(halfwords(16), 1)}); }
  /// Eight sums of four products whose pairs fit 16 bits.
  Value pairs(Value lhs, Value rhs) { return halfwordPairs(bytePairs(lhs, rhs)); }
  Value widened(Value acc, Value lhs, Value rhs);
  Value inSlices(Value acc, Value lhs, Value rhs, int64_t lanes, function_ref<Value(Value, Value, Value)> emit);
};
} // namespace

/// NVIDIA's instruction, lane by lane.
Value Dot::fourWay(Value acc, Value lhs, Value rhs) {
  int64_t lanes = cast<VectorType>(acc.getType()).getNumElements();
  Value a = vector::BitCastOp::create(builder, loc, words(lanes), lhs), b = vector::BitCastOp::create(builder, loc, words(lanes), rhs);
  for (int64_t lane = 0; lane < lanes; ++lane) {
    auto ofLane = [&](Value vector) -> Value { return vector::ExtractOp::create(builder, loc, vector, lane); };
    Value sum = call("llvm.nvvm.idp4a.u.s", builder.getI32Type(), {ofLane(a), ofLane(b), ofLane(acc)});
    acc = vector::InsertOp::create(builder, loc, sum, acc, lane);
  }
  return acc;
}

Value Dot::avx2(Value acc, Value lhs, Value rhs) {
  if (isSmall)
    return arith::AddIOp::create(builder, loc, acc, pairs(lhs, rhs));
  // Two products of a byte up to 255 saturate 16 bits, those of its low seven bits and of its high bit do not.
  Value low = arith::AndIOp::create(builder, loc, lhs, splat(bytes(32), 0x7f));
  Value high = arith::AndIOp::create(builder, loc, lhs, splat(bytes(32), -128));
  Value sum = arith::AddIOp::create(builder, loc, acc, pairs(low, rhs));
  return arith::AddIOp::create(builder, loc, sum, pairs(high, rhs));
}

/// A dot product into the sum of another, and so on: eight pairs of products of bytes up to 15 fit 16 bits together, so halfwords are added
/// first and widened once.
Value Dot::avx2Chain(MutableArrayRef<tile::IntDotOp> chain) {
  Value acc = chain.front().getAcc();
  int64_t all = cast<VectorType>(acc.getType()).getNumElements();
  SmallVector<Value> slices;
  for (int64_t first = 0; first < all; first += 8) {
    Value sums;
    for (tile::IntDotOp dot : chain) {
      Value two = bytePairs(part(dot.getLhs(), 4 * first, 32), part(dot.getRhs(), 4 * first, 32));
      sums = sums ? arith::AddIOp::create(builder, loc, sums, two).getResult() : two;
    }
    slices.push_back(arith::AddIOp::create(builder, loc, part(acc, first, 8), halfwordPairs(sums)));
  }
  return join(slices);
}

Value Dot::widened(Value acc, Value lhs, Value rhs) {
  int64_t lanes = cast<VectorType>(acc.getType()).getNumElements();
  Value products = arith::MulIOp::create(builder, loc, arith::ExtUIOp::create(builder, loc, words(4 * lanes), lhs),
                                         arith::ExtSIOp::create(builder, loc, words(4 * lanes), rhs));
  for (int64_t j = 0; j < 4; ++j) {
    SmallVector<int64_t> places;
    for (int64_t lane = 0; lane < lanes; ++lane)
      places.push_back(4 * lane + j);
    acc = arith::AddIOp::create(builder, loc, acc, vector::ShuffleOp::create(builder, loc, products, products, places));
  }
  return acc;
}

Value Dot::inSlices(Value acc, Value lhs, Value rhs, int64_t lanes, function_ref<Value(Value, Value, Value)> emit) {
  int64_t all = cast<VectorType>(acc.getType()).getNumElements();
  if (all == lanes)
    return emit(acc, lhs, rhs);
  if (all % lanes != 0 || !llvm::isPowerOf2_64(all / lanes))
    return widened(acc, lhs, rhs);
  SmallVector<Value> slices;
  for (int64_t first = 0; first < all; first += lanes)
    slices.push_back(emit(part(acc, first, lanes), part(lhs, 4 * first, 4 * lanes), part(rhs, 4 * first, 4 * lanes)));
  // Joined pair by pair: a shuffle of equal vectors is one instruction of LLVM's.
  for (int64_t count = lanes; count < all; count *= 2)
    for (size_t i = 0; i + 1 < slices.size(); ++i) {
      SmallVector<int64_t> places = llvm::to_vector(llvm::seq(int64_t(0), 2 * count));
      slices[i] = vector::ShuffleOp::create(builder, loc, slices[i], slices[i + 1], places);
      slices.erase(slices.begin() + i + 1);
    }
  return slices.front();
}

/// The small dot product that alone reads this one's sum and adds to it, or null.
static tile::IntDotOp nextInChain(tile::IntDotOp op) {
  if (!op->hasOneUse())
    return {};
  auto next = dyn_cast<tile::IntDotOp>(*op->user_begin());
  bool continues = next && next.getAcc() == op.getResult() && next.getSmall() && op.getSmall() && next->getBlock() == op->getBlock();
  return continues ? next : tile::IntDotOp();
}

/// Chains of small dot products, at most eight long, on machines that widen halfwords; the other dot products stay.
static void lowerChains(Operation *func) {
  SmallVector<SmallVector<tile::IntDotOp>> chains;
  DenseSet<Operation *> chained;
  func->walk([&](tile::IntDotOp op) {
    int64_t lanes = cast<VectorType>(op.getAcc().getType()).getNumElements();
    bool fits = op.getSmall() && lanes % 8 == 0 && llvm::isPowerOf2_64(lanes / 8);
    if (!fits || chained.contains(op))
      return;
    SmallVector<tile::IntDotOp> chain;
    for (; op && chain.size() < 8; op = nextInChain(op)) {
      chain.push_back(op);
      chained.insert(op);
    }
    chains.push_back(std::move(chain));
  });
  for (MutableArrayRef<tile::IntDotOp> chain : chains) {
    tile::IntDotOp last = chain.back();
    OpBuilder builder(last);
    last.replaceAllUsesWith(Dot{builder, last.getLoc(), true}.avx2Chain(chain));
    for (tile::IntDotOp op : llvm::reverse(chain))
      op.erase();
  }
}

static Value lower(tile::IntDotOp op, const codegen::Target &target) {
  OpBuilder builder(op);
  Dot dot{builder, op.getLoc(), op.getSmall()};
  Value acc = op.getAcc(), lhs = op.getLhs(), rhs = op.getRhs();
  int64_t lanes = cast<VectorType>(acc.getType()).getNumElements();
  if (target.isGpu())
    return dot.fourWay(acc, lhs, rhs);
  if (target.has("avx512vnni") && lanes % 16 == 0)
    return dot.inSlices(acc, lhs, rhs, 16, [&](Value a, Value l, Value r) { return dot.vnni(a, l, r, "llvm.x86.avx512.vpdpbusd.512"); });
  if (target.has("avxvnni"))
    return dot.inSlices(acc, lhs, rhs, 8, [&](Value a, Value l, Value r) { return dot.vnni(a, l, r, "llvm.x86.avx512.vpdpbusd.256"); });
  if (target.has("avx2"))
    return dot.inSlices(acc, lhs, rhs, 8, [&](Value a, Value l, Value r) { return dot.avx2(a, l, r); });
  return dot.widened(acc, lhs, rhs);
}

namespace {
struct LowerIntDotPass : tenon::impl::LowerIntDotPassBase<LowerIntDotPass> {
  using Base::Base;

  void runOnOperation() override {
    std::optional<codegen::Target> machine = codegen::Target::find(target);
    if (!machine) {
      getOperation()->emitError("unknown target ") << target;
      return signalPassFailure();
    }
    if (machine->has("avx2") && !machine->has("avx512vnni") && !machine->has("avxvnni"))
      lowerChains(getOperation());
    getOperation()->walk([&](tile::IntDotOp op) {
      op.replaceAllUsesWith(lower(op, *machine));
      op.erase();
    });
  }
};
} // namespace
