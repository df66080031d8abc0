//===- ChooseSchedule.cpp - the cheapest schedule for each kernel ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The families list candidates with costs (codegen/schedule); this pass only takes the first and says what it weighed.
//
//===----------------------------------------------------------------------===//

#include "mlir/IR/Remarks.h"
#include "tenon/codegen/schedule/Schedule.h"
#include "tenon/passes/kernel/Passes.h"
#include "llvm/Support/Format.h"

namespace tenon {
#define GEN_PASS_DEF_CHOOSESCHEDULEPASS
#include "tenon/passes/kernel/Passes.h.inc"
} // namespace tenon

using namespace mlir;
using namespace tenon;

/// The candidates in one line, the chosen one first.
static std::string describe(ArrayRef<codegen::ScheduleCandidate> candidates) {
  std::string text;
  llvm::raw_string_ostream out(text);
  llvm::interleave(
      candidates.take_front(4), out,
      [&](const codegen::ScheduleCandidate &candidate) {
        out << candidate.schedule << " costs " << llvm::format("%.1f", candidate.cost) << " with " << candidate.registers << " registers";
      },
      "; ");
  if (candidates.size() > 4)
    out << "; and " << candidates.size() - 4 << " dearer";
  return text;
}

/// Puts the schedules of a form first, in the order of their costs; says when there is none.
static void preferForm(tile::KernelOp kernel, tile::ScanForm form, SmallVectorImpl<codegen::ScheduleCandidate> &candidates) {
  auto others = std::stable_partition(candidates.begin(), candidates.end(),
                                      [&](const codegen::ScheduleCandidate &candidate) { return candidate.schedule.getForm() == form; });
  if (others == candidates.begin())
    remark::missed(kernel.getLoc(), remark::RemarkOpts::name("ChooseSchedule").category("tenon-choose-schedule"))
        << (kernel.getSymName() + " has no " + tile::stringifyScanForm(form) + " form").str();
}

namespace {
struct ChooseSchedulePass : tenon::impl::ChooseSchedulePassBase<ChooseSchedulePass> {
  using Base::Base;

  void runOnOperation() override {
    std::optional<codegen::Target> machine = codegen::Target::find(target);
    if (!machine) {
      getOperation().emitError("unknown target ") << target;
      return signalPassFailure();
    }
    std::optional<tile::ScanForm> wanted = tile::symbolizeScanForm(form);
    if (!form.empty() && !wanted) {
      getOperation().emitError("unknown form of scans ") << form;
      return signalPassFailure();
    }
    for (auto kernel : getOperation().getOps<tile::KernelOp>()) {
      if (kernel.getScheduleAttr())
        continue;
      SmallVector<codegen::ScheduleCandidate> candidates = codegen::scheduleCandidates(kernel, *machine);
      if (wanted && kernel.getFamily() == tile::Family::scan)
        preferForm(kernel, *wanted, candidates);
      kernel.setScheduleAttr(candidates.front().schedule);
      remark::analysis(kernel.getLoc(), remark::RemarkOpts::name("ChooseSchedule").category("tenon-choose-schedule"))
          << (kernel.getSymName() + " on " + machine->name + ": " + describe(candidates)).str();
    }
  }
};
} // namespace
