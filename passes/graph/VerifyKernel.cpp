//===- VerifyKernel.cpp - the contract of the kernel level ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/passes/graph/Passes.h"

#include "tenon/dialects/tile/KernelPart.h"
#include "tenon/passes/graph/ModelPath.h"

namespace tenon {
#define GEN_PASS_DEF_VERIFYKERNELPASS
#include "tenon/passes/graph/Passes.h.inc"
} // namespace tenon

using namespace mlir;
using namespace tenon;
using tile::Family;
using tile::KernelPart;

/// Whether an op may stay in a host function: what only names a value, hands it on or measures state.
static bool staysOnHost(Operation *op) {
  return isa<tile::LaunchOp, func::CallOp, func::ReturnOp, nn::GetParamOp, cache::GetOp, cache::LengthOp>(op) ||
         op->hasTrait<OpTrait::ConstantLike>();
}

namespace {
struct VerifyKernelPass : tenon::impl::VerifyKernelPassBase<VerifyKernelPass> {
  using Base::Base;

  void runOnOperation() override {
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (!function.isDeclaration())
        verifyHost(function);
    for (auto kernel : getOperation().getOps<tile::KernelOp>())
      verifyKernel(kernel);
    if (hasErrors)
      signalPassFailure();
  }

private:
  bool hasErrors = false;

  InFlightDiagnostic report(Operation *op) {
    hasErrors = true;
    return emitModelError(op);
  }

  void verifyHost(func::FuncOp function) {
    for (Operation &op : function.getBody().getOps())
      if (!staysOnHost(&op))
        report(&op) << "expects every op to be in a kernel, but no kernel family takes " << op.getName() << whyNot(&op);
  }

  /// The reasons of the families, without those that only say that they do not know the op.
  static std::string whyNot(Operation *op) {
    std::string text;
    for (Family family : {Family::contraction, Family::grouped, Family::attention, Family::scan, Family::rowwise}) {
      std::string reason;
      bool isKnown = tile::kernelPart(op, family, &reason) == KernelPart::None && !StringRef(reason).starts_with("no ");
      if (isKnown)
        text += (": " + reason);
    }
    return text;
  }

  void verifyKernel(tile::KernelOp kernel) {
    std::optional<int64_t> rows;
    unsigned anchors = 0;
    for (Operation &op : kernel.getBlock().without_terminator()) {
      std::string reason;
      KernelPart part = tile::kernelPart(&op, kernel.getFamily(), &reason);
      anchors += part == KernelPart::Anchor;
      if (part == KernelPart::None)
        report(&op) << reason;
      verifyOperands(op, kernel.getFamily());
      if (kernel.getFamily() != Family::rowwise)
        verifyResults(op);
      bool hasRows = part != KernelPart::None && part != KernelPart::Source && part != KernelPart::State && op.getNumResults() == 1;
      if (hasRows && rows.value_or(tile::rowsOf(op.getResult(0).getType())) != tile::rowsOf(op.getResult(0).getType()))
        report(&op) << "expects values of the same number of rows in a kernel";
      if (hasRows)
        rows = tile::rowsOf(op.getResult(0).getType());
    }
    verifyAnchors(kernel, anchors);
  }

  void verifyOperands(Operation &op, Family family) {
    for (OpOperand &operand : op.getOpOperands()) {
      bool isArgument = !operand.get().getDefiningOp(), takesInside = tile::takesInside(operand);
      if (!isArgument && !takesInside)
        report(&op) << "expects operand #" << operand.getOperandNumber() << " to be an argument of the kernel";
      if (isArgument && takesInside && op.getNumResults() == 0 && family != Family::rowwise)
        report(&op) << "expects operand #" << operand.getOperandNumber() << " to be computed in the kernel";
    }
  }

  void verifyResults(Operation &op) {
    for (Value result : op.getResults()) {
      bool isYielded = llvm::any_of(result.getUsers(), [](Operation *user) { return isa<tile::YieldOp>(user); });
      if (isYielded && !result.hasOneUse())
        report(&op) << "expects a value that a kernel yields to be used nowhere else in it";
    }
  }

  void verifyAnchors(tile::KernelOp kernel, unsigned anchors) {
    switch (kernel.getFamily()) {
    case Family::contraction:
    case Family::grouped:
      if (anchors == 0)
        report(kernel) << "expects a " << tile::stringifyFamily(kernel.getFamily()) << " kernel to have a linear";
      return verifyContraction(kernel);
    case Family::attention:
      if (anchors != 1)
        report(kernel) << "expects an attention kernel to have one attention, but got " << anchors;
      return;
    case Family::rowwise:
      return;
    case Family::scan:
      if (anchors != 1)
        report(kernel) << "expects a scan kernel to have one recurrence, but got " << anchors;
    }
  }

  void verifyContraction(tile::KernelOp kernel) {
    Value input;
    kernel.walk([&](nn::LinearOpInterface linear) {
      if (input && linear.getInputMutable().get() != input)
        report(linear) << "expects all linears of a kernel to have the same input";
      input = linear.getInputMutable().get();
      Type weight = linear.getWeightMutable().get().getType();
      if (!isa_and_nonnull<tile::PanelsAttr>(cast<RankedTensorType>(weight).getEncoding()))
        report(linear) << "expects weights in panels, but got " << weight;
    });
  }
};
} // namespace
