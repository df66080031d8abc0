//===- ExpandRecurrences.cpp - recurrences written out in one of their forms ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/passes/graph/Passes.h"

#include "mlir/IR/Remarks.h"
#include "tenon/dialects/ssm/Forms.h"

namespace tenon {
#define GEN_PASS_DEF_EXPANDRECURRENCESPASS
#include "tenon/passes/graph/Passes.h.inc"
} // namespace tenon

using namespace mlir;
using namespace tenon;

namespace {
struct ExpandRecurrencesPass : tenon::impl::ExpandRecurrencesPassBase<ExpandRecurrencesPass> {
  using Base::Base;

  void runOnOperation() override {
    std::optional<ssm::Form> asked = ssm::formOf(form);
    if (!asked || chunk < 1) {
      getOperation().emitError("expects a form step, sequential, chunked or prefix and a chunk of at least 1, but got '")
          << form << "' and " << chunk;
      return signalPassFailure();
    }
    SmallVector<ssm::RecurrenceOpInterface> ops;
    getOperation().walk([&](ssm::RecurrenceOpInterface op) {
      if (!isa<ssm::ScanOp>(op))
        ops.push_back(op);
    });
    for (ssm::RecurrenceOpInterface op : ops)
      expand(op, *asked);
  }

private:
  void expand(ssm::RecurrenceOpInterface op, ssm::Form asked) {
    // One row needs no loop.
    if (ssm::rowsOf(op) == 1)
      asked = ssm::Form::step;
    OpBuilder builder(op);
    std::string reason;
    remark::RemarkOpts options = remark::RemarkOpts::name("ExpandRecurrences").category(getArgument());
    std::optional<SmallVector<Value>> made = ssm::buildForm(builder, op, op->getOperands(), asked, chunk, reason);
    if (!made) {
      remark::missed(op.getLoc(), options) << (op->getName().getStringRef() + " is left as it is: " + reason).str();
      return;
    }
    remark::passed(op.getLoc(), options) << (op->getName().getStringRef() + " is written out as " + ssm::nameOf(asked)).str();
    op->replaceAllUsesWith(*made);
    op->erase();
  }
};
} // namespace
