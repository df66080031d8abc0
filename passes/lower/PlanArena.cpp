//===- PlanArena.cpp - temporaries of host functions in one arena ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// All threads run the host program together and meet only at barriers, so the unit of time is a step: the launches between two barriers. A
// launch starts a new step when it reads what the present step writes or touches the same state slot; a call is a step of its own, and the
// called function ends with a barrier. Buffers that live in a common step do not overlap.
//
// Sizes are either constant or proportional to the number of tokens. Both kinds are laid out apart, the constant ones in front, so every
// place is affine in the number of tokens and the layout holds for all of them. Linear in ops times buffers.
//
//===----------------------------------------------------------------------===//

#include "tenon/dialects/cache/Cache.h"
#include "tenon/dialects/tile/Buffer.h"
#include "tenon/dialects/tile/Tile.h"
#include "tenon/passes/lower/FrameLayout.h"
#include "tenon/passes/lower/Passes.h"

namespace tenon {
#define GEN_PASS_DEF_PLANARENAPASS
#include "tenon/passes/lower/Passes.h.inc"
} // namespace tenon

using namespace mlir;
using namespace tenon;

bool tenon::isHostFunction(func::FuncOp function) {
  if (function.isDeclaration() || function->hasAttr("tenon.kernel"))
    return false;
  auto isHostType = [](Type type) { return isa<TensorType, RecordTypeInterface, cache::SlotTypeInterface>(type); };
  return function->hasAttr("tenon.entry") || llvm::any_of(function.getArgumentTypes(), isHostType) ||
         llvm::any_of(function.getResultTypes(), isHostType);
}

namespace {
/// Constant and per-token bytes that a function's part of the arena takes.
struct Extent {
  int64_t constant = 0, perToken = 0;
  Attribute attribute(MLIRContext *context) const { return rt::ExtentAttr::get(context, constant, perToken); }
};

/// A temporary and the steps it lives in.
struct Temporary {
  OpResult value;
  bool perToken;
  Lifetime lifetime;
};

/// Plans one function whose callees are planned.
class FunctionPlan {
public:
  FunctionPlan(func::FuncOp function, const llvm::StringMap<Extent> &frames)
      : function(function), frames(frames), context(function.getContext()) {}

  FailureOr<Extent> run() {
    if (!function.getBody().hasOneBlock())
      return function.emitOpError("expects one block");
    assignSteps();
    if (failed(collectTemporaries()))
      return failure();
    place();
    return annotate();
  }

private:
  void assignSteps();
  LogicalResult collectTemporaries();
  LogicalResult addTemporary(OpResult value);
  void place();
  Extent annotate();

  func::FuncOp function;
  const llvm::StringMap<Extent> &frames;
  MLIRContext *context;
  llvm::MapVector<Operation *, int64_t> steps; ///< of launches and calls
  SmallVector<Temporary> temporaries;
  Extent own; ///< the function's own buffers
  DenseMap<Value, Attribute> places;
};
} // namespace

/// A launch or a call: what runs on the team.
static bool isRun(Operation &op) { return isa<tile::LaunchOp, func::CallOp>(op); }

void FunctionPlan::assignSteps() {
  int64_t step = 0;
  DenseSet<Value> written; // in the present step
  bool touchesState = false, empty = true;
  for (Operation &op : function.getOps()) {
    op.removeAttr("rt.wait");
    if (!isRun(op))
      continue;
    bool isCall = isa<func::CallOp>(op);
    bool usesState = llvm::any_of(op.getOperandTypes(), [](Type type) { return isa<cache::SlotTypeInterface>(type); });
    bool reads = llvm::any_of(op.getOperands(), [&](Value operand) { return written.contains(operand); });
    if (!empty && (isCall || reads || (usesState && touchesState))) {
      op.setAttr("rt.wait", UnitAttr::get(context));
      ++step;
      written.clear();
      touchesState = false;
    }
    steps[&op] = step;
    empty = isCall;
    if (isCall) {
      ++step; // the callee ends with a barrier
      continue;
    }
    touchesState |= usesState;
    written.insert(op.result_begin(), op.result_end());
  }
}

LogicalResult FunctionPlan::addTemporary(OpResult value) {
  int64_t first = steps.lookup(value.getOwner()), last = first;
  for (OpOperand &use : value.getUses()) {
    if (isa<func::ReturnOp>(use.getOwner())) {
      places[value] = UnitAttr::get(context);
      continue;
    }
    last = std::max(last, steps.lookup(use.getOwner()));
  }
  if (places.contains(value))
    return success();
  std::optional<tile::BufferSize> size = tile::bufferSize(value.getType());
  if (!size)
    return value.getOwner()->emitOpError("expects results whose size is affine in the number of tokens, but got ") << value.getType();
  bool perToken = ShapedType::isDynamic(size->rows);
  int64_t bytes = llvm::alignTo((perToken ? 1 : size->rows) * size->rowBytes, rt::bufferAlignment);
  temporaries.push_back({value, perToken, {bytes, first, last}});
  return success();
}

LogicalResult FunctionPlan::collectTemporaries() {
  auto returned = cast<func::ReturnOp>(function.getBody().front().getTerminator());
  DenseSet<Value> seen;
  for (Value value : returned.getOperands()) {
    Operation *producer = value.getDefiningOp();
    if (!producer || !isRun(*producer))
      return returned.emitOpError("expects results that a launch or a call makes");
    if (!seen.insert(value).second)
      return returned.emitOpError("expects each result once");
  }
  for (auto &[op, step] : steps)
    for (OpResult value : op->getResults())
      if (failed(addTemporary(value)))
        return failure();
  return success();
}

void FunctionPlan::place() {
  for (bool perToken : {false, true}) {
    SmallVector<Temporary> kind = llvm::filter_to_vector(temporaries, [&](const Temporary &t) { return t.perToken == perToken; });
    Layout layout = layoutFrame(llvm::map_to_vector(kind, [](const Temporary &t) { return t.lifetime; }));
    for (auto [temporary, offset] : llvm::zip_equal(kind, layout.offsets))
      places[temporary.value] = perToken ? Extent{own.constant, offset}.attribute(context) : Extent{offset, 0}.attribute(context);
    (perToken ? own.perToken : own.constant) = layout.bytes;
  }
}

Extent FunctionPlan::annotate() {
  Extent callees;
  for (auto &[op, step] : steps) {
    op->setAttr("rt.placement",
                ArrayAttr::get(context, llvm::map_to_vector(op->getResults(), [&](Value value) { return places.lookup(value); })));
    auto call = dyn_cast<func::CallOp>(op);
    if (!call)
      continue;
    call->setAttr("rt.frame", own.attribute(context));
    Extent callee = frames.lookup(call.getCallee());
    callees = {std::max(callees.constant, callee.constant), std::max(callees.perToken, callee.perToken)};
  }
  Extent total = {own.constant + callees.constant, own.perToken + callees.perToken};
  function->setAttr("rt.frame", total.attribute(context));
  return total;
}

namespace {
struct PlanArenaPass : tenon::impl::PlanArenaPassBase<PlanArenaPass> {
  using Base::Base;

  void runOnOperation() override {
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (isHostFunction(function) && failed(plan(function)))
        return signalPassFailure();
  }

  /// Plans a function after its callees.
  LogicalResult plan(func::FuncOp function) {
    if (frames.contains(function.getSymName()))
      return success();
    if (!underway.insert(function).second)
      return function.emitOpError("expects host functions that do not call themselves");
    for (auto call : function.getOps<func::CallOp>()) {
      auto callee = getOperation().lookupSymbol<func::FuncOp>(call.getCallee());
      if (!callee || !isHostFunction(callee))
        return call.emitOpError("expects a host function, but got @") << call.getCallee();
      if (failed(plan(callee)))
        return failure();
    }
    FailureOr<Extent> frame = FunctionPlan(function, frames).run();
    if (failed(frame))
      return failure();
    frames[function.getSymName()] = *frame;
    return success();
  }

  llvm::StringMap<Extent> frames; ///< of planned functions, with all that they call
  DenseSet<Operation *> underway;
};
} // namespace
