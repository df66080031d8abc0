//===- VerifyGraph.cpp - the contract of the graph level ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/passes/graph/Passes.h"

#include "tenon/dialects/decode/Decode.h"
#include "tenon/passes/graph/ModelPath.h"
#include "llvm/Support/MathExtras.h"

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
      verifyRows(op);
      bool endsRegion = op->getParentOp() != function && op->hasTrait<OpTrait::IsTerminator>(); // what a scan's step gives
      if (!isa<EvalOpInterface, func::CallOp, func::ReturnOp>(op) && !op->hasTrait<OpTrait::ConstantLike>() && !endsRegion)
        report(op) << "expects an op of the graph, but got " << op->getName();
    });
  }

  /// A dynamic dimension is the number of tokens everywhere, so an op may not make another number of it.
  void verifyRows(Operation *op) {
    auto isDynamic = [](Value value) { return !cast<RankedTensorType>(value.getType()).hasStaticShape(); };
    if (auto concat = dyn_cast<nn::ConcatOp>(op); concat && concat.getDim() == 0 && isDynamic(concat))
      report(op) << "expects a dynamic dimension to be the number of tokens, but nn.concat makes a longer one";
    auto reshape = dyn_cast<nn::ReshapeOp>(op);
    if (!reshape || !isDynamic(reshape))
      return;
    auto rowElements = [](Value value) -> int64_t {
      ArrayRef<int64_t> shape = cast<RankedTensorType>(value.getType()).getShape();
      if (shape.empty() || !ShapedType::isDynamic(shape.front()))
        return -1;
      int64_t product = 1;
      for (int64_t size : shape.drop_front())
        product = llvm::SaturatingMultiply(uint64_t(product), uint64_t(std::max<int64_t>(size, 0)));
      return product;
    };
    if (rowElements(reshape.getInput()) != rowElements(reshape))
      report(op) << "expects a dynamic dimension to be the number of tokens, but nn.reshape makes another number of rows";
  }

  void verifyType(Operation *op, Type type) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    if (!tensor)
      return;
    // Sizes and addresses are computed in 64 bits, for as many rows as a call may have.
    uint64_t elements = 1;
    for (int64_t size : tensor.getShape())
      elements = llvm::SaturatingMultiply(elements, ShapedType::isDynamic(size) ? uint64_t(1) : uint64_t(size));
    if (elements > uint64_t(1) << 48)
      report(op) << "expects a tensor of at most 2^48 elements, but got " << type;
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
