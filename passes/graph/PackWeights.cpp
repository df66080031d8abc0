//===- PackWeights.cpp - parameters get their packed layout ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A parameter has one layout in the artifact, and every value that may be it must have the same type. So values are joined into classes:
// the results of `nn.get_param` with their symbol, operands of calls and launches with the arguments that they become, results of calls
// with what is returned. A class that a linear or an embedding reads as its matrix is packed as a whole, if nothing reads it otherwise
// and it stands for parameters only.
//

#include "tenon/passes/graph/Passes.h"

#include "mlir/IR/Remarks.h"
#include "tenon/dialects/ssm/Ssm.h"
#include "tenon/dialects/tile/Buffer.h"
#include "tenon/passes/graph/ModelPath.h"
#include "llvm/ADT/EquivalenceClasses.h"
#include "llvm/ADT/MapVector.h"

namespace tenon {
#define GEN_PASS_DEF_PACKWEIGHTSPASS
#include "tenon/passes/graph/Passes.h.inc"
} // namespace tenon

using namespace mlir;
using namespace tenon;

namespace {
/// How the values of a class are used.
struct Layout {
  SmallVector<Value> values;
  SmallVector<nn::ParamOp> params;
  OpOperand *packed = nullptr; ///< a use that reads panels
  OpOperand *plain = nullptr;  ///< a use that reads rows
  Value foreign;               ///< a value that no parameter gives
};

class WeightPacking {
public:
  explicit WeightPacking(ModuleOp module) : module(module), symbols(module) {}
  LogicalResult run(StringRef category);

private:
  ModuleOp module;
  SymbolTable symbols;
  llvm::EquivalenceClasses<const void *> classes; ///< of values and of parameters
  llvm::MapVector<const void *, Layout> layouts;  ///< by the class's leader
  SmallVector<Value> tensors;

  void join(Value a, Value b) { classes.unionSets(a.getAsOpaquePointer(), b.getAsOpaquePointer()); }
  void joinAll(ValueRange from, ValueRange to) {
    for (auto [a, b] : llvm::zip_equal(from, to))
      join(a, b);
  }
  void collect();
  void joinEqual(Operation *op);
  void addUses(Value value);
  void pack(const Layout &layout);
  void updateSignatures();
};
} // namespace

/// Whether the operand is the matrix of a linear or the table of an embedding, which are read in panels.
static bool readsPanels(OpOperand &use) {
  if (auto linear = dyn_cast<nn::LinearOpInterface>(use.getOwner()))
    return use.getOperandNumber() == linear.getWeightMutable().getOperandNumber();
  if (auto embedding = dyn_cast<nn::EmbeddingOp>(use.getOwner()))
    return use.getOperandNumber() == embedding.getTableMutable().getOperandNumber();
  return false;
}

/// Whether the operand only hands the value on.
static bool handsOn(OpOperand &use) {
  return isa<func::CallOp, func::ReturnOp, tile::LaunchOp>(use.getOwner());
}

static bool isPackable(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor && tile::hasPanelForm(tensor);
}

//===----------------------------------------------------------------------===//
// Classes
//===----------------------------------------------------------------------===//

/// The region of a recurrence reads what is given to it as it is.
void WeightPacking::collect() {
  module.walk<WalkOrder::PreOrder>([&](Operation *op) {
    bool isStep = isa<ssm::RecurrenceOpInterface>(op);
    for (Region &region : isStep ? MutableArrayRef<Region>() : op->getRegions())
      for (Block &block : region)
        llvm::append_range(tensors, llvm::make_filter_range(block.getArguments(), [](Value value) { return isPackable(value.getType()); }));
    llvm::append_range(tensors, llvm::make_filter_range(op->getResults(), [](Value value) { return isPackable(value.getType()); }));
    joinEqual(op);
    return isStep ? WalkResult::skip() : WalkResult::advance();
  });
}

/// Joins the values that an op makes the same.
void WeightPacking::joinEqual(Operation *op) {
  if (auto get = dyn_cast<nn::GetParamOp>(op)) {
    classes.unionSets(get.getResult().getAsOpaquePointer(), symbols.lookup(get.getParam()));
  } else if (auto launch = dyn_cast<tile::LaunchOp>(op)) {
    if (tile::KernelOp kernel = launch.lookupKernel())
      joinAll(launch.getInputs(), kernel.getBlock().getArguments());
  } else if (auto call = dyn_cast<func::CallOp>(op)) {
    auto callee = symbols.lookup<func::FuncOp>(call.getCallee());
    if (!callee || callee.isDeclaration())
      return;
    joinAll(call.getOperands(), callee.getArguments());
    joinAll(call.getResults(), callee.getBody().front().getTerminator()->getOperands());
  }
}

/// Notes a value and its uses in the layout of its class.
void WeightPacking::addUses(Value value) {
  classes.insert(value.getAsOpaquePointer());
  Layout &layout = layouts[classes.getLeaderValue(value.getAsOpaquePointer())];
  layout.values.push_back(value);
  for (OpOperand &use : value.getUses()) {
    bool isResult = isa<func::ReturnOp>(use.getOwner()) && use.getOwner()->getParentOp()->hasAttr("tenon.entry");
    if (readsPanels(use))
      layout.packed = &use;
    else if (!handsOn(use) || isResult)
      layout.plain = &use;
  }
  if (auto get = value.getDefiningOp<nn::GetParamOp>())
    layout.params.push_back(symbols.lookup<nn::ParamOp>(get.getParam()));
  auto argument = dyn_cast<BlockArgument>(value);
  bool isInput = argument && isa<func::FuncOp>(argument.getOwner()->getParentOp()) &&
                 cast<SymbolOpInterface>(argument.getOwner()->getParentOp()).isPublic();
  bool isComputed = !argument && !value.getDefiningOp<nn::GetParamOp>() && !value.getDefiningOp<func::CallOp>();
  if (isInput || isComputed)
    layout.foreign = value;
}

//===----------------------------------------------------------------------===//
// Decisions
//===----------------------------------------------------------------------===//

LogicalResult WeightPacking::run(StringRef category) {
  collect();
  for (Value value : tensors)
    addUses(value);
  bool conflicts = false;
  for (auto &[leader, layout] : layouts) {
    if (!layout.packed)
      continue;
    Operation *reader = layout.packed->getOwner();
    if (layout.foreign) {
      remark::missed(reader->getLoc(), remark::RemarkOpts::name("PackWeights").category(category))
          << "the weight is not a parameter, and is not packed";
      continue;
    }
    if (layout.plain) {
      InFlightDiagnostic diagnostic = emitModelError(reader) << "expects the weight to be read as a matrix only";
      if (!layout.params.empty())
        diagnostic << ", but parameter '" << layout.params.front().getSymName() << "' is also read as a plain tensor";
      diagnostic.attachNote(layout.plain->getOwner()->getLoc()) << "the other use is " << layout.plain->getOwner()->getName();
      conflicts = true;
      continue;
    }
    pack(layout);
  }
  if (conflicts)
    return failure();
  updateSignatures();
  return success();
}

void WeightPacking::pack(const Layout &layout) {
  auto packed = [&](Type type) {
    auto tensor = cast<RankedTensorType>(type);
    return RankedTensorType::get(tensor.getShape(), tensor.getElementType(),
                                 tile::PanelsAttr::get(module.getContext(), tile::panelChannels));
  };
  for (Value value : layout.values)
    value.setType(packed(value.getType()));
  for (nn::ParamOp param : layout.params)
    if (isPackable(param.getType()))
      param.setType(packed(param.getType()));
}

/// Makes the types of functions and kernels those of their arguments and results again.
void WeightPacking::updateSignatures() {
  for (auto function : module.getOps<func::FuncOp>()) {
    if (function.isDeclaration())
      continue;
    Block &block = function.getBody().front();
    function.setType(FunctionType::get(module.getContext(), block.getArgumentTypes(), block.getTerminator()->getOperandTypes()));
  }
  for (auto kernel : module.getOps<tile::KernelOp>())
    kernel.setFunctionType(FunctionType::get(module.getContext(), kernel.getBlock().getArgumentTypes(), kernel.getYielded().getTypes()));
}

namespace {
struct PackWeightsPass : tenon::impl::PackWeightsPassBase<PackWeightsPass> {
  using Base::Base;

  void runOnOperation() override {
    if (failed(WeightPacking(getOperation()).run(getArgument())))
      signalPassFailure();
  }
};
} // namespace
