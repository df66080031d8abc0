//===- VerifyGraph.cpp - the contract of the graph level ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/passes/graph/Passes.h"

#include "tenon/dialects/decode/Decode.h"
#include "tenon/passes/graph/ModelPath.h"

namespace tenon {
#define GEN_PASS_DEF_VERIFYGRAPHPASS
#include "tenon/passes/graph/Passes.h.inc"
} // namespace tenon

using namespace mlir;
using namespace tenon;

namespace {
struct VerifyGraphPass : tenon::impl::VerifyGraphPassBase<VerifyGraphPass> {
  using Base::Base;

  void runOnOperation() override {
    verifyModule();
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      verifyFunction(function);
      verifyNotRecursive(function);
    }
    if (hasErrors)
      signalPassFailure();
  }

private:
  bool hasErrors = false;

  InFlightDiagnostic report(Operation *op) {
    hasErrors = true;
    return emitModelError(op);
  }

  void verifyModule() {
    for (Operation &op : *getOperation().getBody())
      if (!isa<nn::ParamOp, cache::DeclareOp, decode::GenerateOp, func::FuncOp>(op))
        report(&op) << "expects parameters, state slots, generate loops and functions at the module's level, but got " << op.getName();
    auto isEntry = [](func::FuncOp function) { return function->hasAttr("tenon.entry"); };
    if (llvm::none_of(getOperation().getOps<func::FuncOp>(), isEntry))
      report(getOperation()) << "expects at least one function with the attribute tenon.entry";
  }

  void verifyFunction(func::FuncOp function) {
    if (function.isDeclaration()) {
      report(function) << "expects function '" << function.getSymName() << "' to have a body";
      return;
    }
    if (!function.getBody().hasOneBlock())
      report(function) << "expects function '" << function.getSymName() << "' to have one block";
    if (function->hasAttr("tenon.entry"))
      verifyEntry(function);
    for (BlockArgument argument : function.getArguments())
      verifyType(function, argument.getType());
    function.getBody().walk([&](Operation *op) {
      for (Type type : op->getResultTypes())
        verifyType(op, type);
      if (!isa<EvalOpInterface, func::CallOp, func::ReturnOp>(op) && !op->hasTrait<OpTrait::ConstantLike>())
        report(op) << "expects an op of the graph, but got " << op->getName();
    });
  }

  void verifyType(Operation *op, Type type) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    if (!tensor)
      return;
    if (tensor.getRank() > 0 && ShapedType::isDynamicShape(tensor.getShape().drop_front()))
      report(op) << "expects only the first dimension to be dynamic, but got " << type;
    if (tensor.getEncoding())
      report(op) << "expects a tensor without a layout, but got " << type;
  }

  void verifyEntry(func::FuncOp function) {
    auto isData = [](Type type) {
      auto tensor = dyn_cast<RankedTensorType>(type);
      return tensor && tensor.getElementType().isIntOrFloat();
    };
    for (Type type : llvm::to_vector(llvm::concat<const Type>(function.getArgumentTypes(), function.getResultTypes())))
      if (!isData(type))
        report(function) << "expects entry '" << function.getSymName() << "' to take and give tensors of numbers, but got " << type;
    // The number of tokens is the first dimension of the first input.
    auto first = function.getNumArguments() ? dyn_cast<RankedTensorType>(function.getArgumentTypes().front()) : RankedTensorType();
    bool isDynamic = llvm::any_of(function.getArgumentTypes(), [](Type type) {
      auto tensor = dyn_cast<RankedTensorType>(type);
      return tensor && !tensor.hasStaticShape();
    });
    if (isDynamic && (!first || first.getRank() == 0 || !first.isDynamicDim(0)))
      report(function) << "expects the first input of entry '" << function.getSymName() << "' to be the tokens";
  }

  void verifyNotRecursive(func::FuncOp function) {
    DenseSet<Operation *> seen;
    SmallVector<func::FuncOp> work{function};
    while (!work.empty()) {
      func::FuncOp caller = work.pop_back_val();
      caller.walk([&](func::CallOp call) {
        auto callee = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(call, call.getCalleeAttr());
        if (callee == function && !std::exchange(hasReportedRecursion[function], true))
          report(call) << "expects calls that do not recurse, but '" << function.getSymName() << "' comes to call itself";
        if (callee && seen.insert(callee).second)
          work.push_back(callee);
      });
    }
  }

  DenseMap<Operation *, bool> hasReportedRecursion;
};
} // namespace
