//===- VerifyProgram.cpp - the contract of the program level ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Each entry is followed through its calls, with the slot's symbol for every slot value. Functions are walked once a call, so the cost is
// the depth of the model, and the call graph must not recurse (tenon-verify-graph).
//

#include "tenon/passes/program/Passes.h"

#include "tenon/passes/graph/ModelPath.h"

namespace tenon {
#define GEN_PASS_DEF_VERIFYPROGRAMPASS
#include "tenon/passes/program/Passes.h.inc"
} // namespace tenon

using namespace mlir;
using namespace tenon;

namespace {
/// One entry, followed through its calls.
class EntryCheck {
public:
  EntryCheck(ModuleOp module, func::FuncOp entry, DenseSet<Operation *> &reported) : module(module), entry(entry), reported(reported) {}
  /// Reports what is wrong, at each op once whatever the number of layers and entries; false if anything is.
  bool run();

private:
  using Slots = DenseMap<Value, StringAttr>; ///< what slot a value is

  ModuleOp module;
  func::FuncOp entry;
  DenseSet<Operation *> &reported;
  DenseSet<StringAttr> written; ///< slots, so far
  bool usesState = false;
  bool isRight = true;

  void follow(func::FuncOp function, Slots slots);
  void check(cache::StatefulOpInterface op, StringAttr slot);
  InFlightDiagnostic report(Operation *op);
};
} // namespace

InFlightDiagnostic EntryCheck::report(Operation *op) {
  isRight = false;
  if (!reported.insert(op).second)
    return InFlightDiagnostic();
  return emitModelError(op);
}

bool EntryCheck::run() {
  follow(entry, Slots());
  if (usesState)
    for (auto declare : module.getOps<cache::DeclareOp>())
      if (!written.contains(declare.getSymNameAttr()))
        report(entry) << "expects entry '" << entry.getSymName() << "', which uses state, to write every slot, but it does not write '"
                      << declare.getSymName() << "'";
  return isRight;
}

void EntryCheck::follow(func::FuncOp function, Slots slots) {
  for (Operation &op : function.getBody().getOps()) {
    if (auto get = dyn_cast<cache::GetOp>(op))
      slots[get.getResult()] = get.getSlotAttr().getAttr();
    else if (auto stateful = dyn_cast<cache::StatefulOpInterface>(op))
      check(stateful, slots.lookup(stateful.getStateSlot()));
    auto call = dyn_cast<func::CallOp>(op);
    auto callee = call ? SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(call, call.getCalleeAttr()) : func::FuncOp();
    if (!callee || callee.isDeclaration())
      continue;
    Slots passed;
    for (auto [operand, argument] : llvm::zip_equal(call.getOperands(), callee.getArguments()))
      if (StringAttr slot = slots.lookup(operand))
        passed[argument] = slot;
    follow(callee, std::move(passed));
  }
}

void EntryCheck::check(cache::StatefulOpInterface op, StringAttr slot) {
  usesState = true;
  auto isTensor = [](Type type) { return isa<RankedTensorType>(type); };
  bool grows = cast<cache::SlotTypeInterface>(op.getStateSlot().getType()).growsWithPositions();
  if (!slot) {
    report(op) << "expects a state slot that is known by its symbol";
  } else if (llvm::any_of(op->getOperandTypes(), isTensor)) {
    if (!written.insert(slot).second)
      report(op) << "expects a call to write slot '" << slot.getValue() << "' once, but it does so again";
  } else if (isa<cache::LengthOp>(op)) {
    if (grows && written.contains(slot))
      report(op) << "expects the length of slot '" << slot.getValue() << "' to be read before it is written";
  } else if (llvm::any_of(op->getResultTypes(), isTensor)) {
    if (grows != written.contains(slot))
      report(op) << "expects slot '" << slot.getValue() << "' to be read " << (grows ? "after" : "before") << " it is written";
  } else {
    report(op) << "expects marks, rewinds and forks to be left to the runtime, but got " << op->getName();
  }
}

namespace {
struct VerifyProgramPass : tenon::impl::VerifyProgramPassBase<VerifyProgramPass> {
  using Base::Base;

  void runOnOperation() override {
    DenseSet<Operation *> reported;
    bool isRight = true;
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (function->hasAttr("tenon.entry") && !function.isDeclaration())
        isRight &= EntryCheck(getOperation(), function, reported).run();
    for (auto generate : getOperation().getOps<decode::GenerateOp>()) {
      auto step = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(generate, generate.getStepAttr());
      if (step && step->hasAttr("tenon.entry"))
        continue;
      emitModelError(generate) << "expects the step of a generate loop to be an entry, but got " << generate.getStepAttr();
      isRight = false;
    }
    if (!isRight)
      signalPassFailure();
  }
};
} // namespace
