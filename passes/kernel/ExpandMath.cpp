//===- ExpandMath.cpp - no call of a math library remains ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "tenon/codegen/target/Target.h"
#include "tenon/passes/kernel/MathExpansion.h"
#include "tenon/passes/kernel/Passes.h"
#include "llvm/ADT/StringMap.h"

namespace tenon {
#define GEN_PASS_DEF_EXPANDMATHPASS
#include "tenon/passes/kernel/Passes.h.inc"
} // namespace tenon

using namespace mlir;
using namespace tenon;

using Expansion = Value (MathExpansion::*)(Value);

static const llvm::StringMap<Expansion> &expansions() {
  static const llvm::StringMap<Expansion> table = {
      {math::ExpOp::getOperationName(), &MathExpansion::exp},    {math::Exp2Op::getOperationName(), &MathExpansion::exp2},
      {math::LogOp::getOperationName(), &MathExpansion::log},    {math::Log2Op::getOperationName(), &MathExpansion::log2},
      {math::TanhOp::getOperationName(), &MathExpansion::tanh},  {math::ErfOp::getOperationName(), &MathExpansion::erf},
      {math::SinOp::getOperationName(), &MathExpansion::sin},    {math::CosOp::getOperationName(), &MathExpansion::cos},
      {math::RsqrtOp::getOperationName(), &MathExpansion::rsqrt}};
  return table;
}

/// exp2 by the instruction that a GPU has for it.
static Value exp2OfGpu(OpBuilder &builder, Operation *op) {
  Value x = op->getOperand(0);
  auto approximate = [&](Value scalar) -> Value {
    return LLVM::CallIntrinsicOp::create(builder, op->getLoc(), scalar.getType(), builder.getStringAttr("llvm.nvvm.ex2.approx.ftz.f"),
                                         ValueRange{scalar})
        .getResults();
  };
  auto type = dyn_cast<VectorType>(x.getType());
  if (!type)
    return approximate(x);
  Value result = ub::PoisonOp::create(builder, op->getLoc(), type);
  for (int64_t lane = 0; lane < type.getNumElements(); ++lane) {
    Value element = approximate(vector::ExtractOp::create(builder, op->getLoc(), x, lane));
    result = vector::InsertOp::create(builder, op->getLoc(), element, result, lane);
  }
  return result;
}

namespace {
struct ExpandMathPass : tenon::impl::ExpandMathPassBase<ExpandMathPass> {
  using Base::Base;

  void runOnOperation() override {
    std::optional<codegen::Target> machine = codegen::Target::find(target);
    if (!machine) {
      getOperation()->emitError("unknown target ") << target;
      return signalPassFailure();
    }
    getOperation()->walk([&](Operation *op) {
      auto found = expansions().find(op->getName().getStringRef());
      if (found == expansions().end() || !getElementTypeOrSelf(op->getResult(0).getType()).isF32())
        return;
      OpBuilder builder(op);
      arith::FastMathFlags flags = cast<arith::ArithFastMathInterface>(op).getFastMathFlagsAttr().getValue();
      bool isApproximate = machine->isGpu() && isa<math::Exp2Op>(op) && bitEnumContainsAny(flags, arith::FastMathFlags::afn);
      if (isApproximate) {
        op->getResult(0).replaceAllUsesWith(exp2OfGpu(builder, op));
        op->erase();
        return;
      }
      MathExpansion expansion(builder, op->getLoc(), machine->has("avx512dq"), flags);
      op->getResult(0).replaceAllUsesWith((expansion.*found->second)(op->getOperand(0)));
      op->erase();
    });
  }
};
} // namespace
