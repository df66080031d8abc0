//===- Launches.cpp - the kernels of an entry, one after another ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/codegen/package/Launches.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringExtras.h"
#include "tenon/dialects/nn/NN.h"
#include "tenon/dialects/tile/Tile.h"
#include "tenon/passes/graph/ModelPath.h"

using namespace mlir;

namespace tenon::codegen {

/// The path with the parts of `caller` in place of the pattern that it stands for: "blk.*.attn_q" called from "blk.3" is "blk.3.attn_q".
static std::string pathIn(StringRef path, StringRef caller) {
  SmallVector<StringRef> parts, names;
  caller.split(parts, '.');
  path.split(names, ", ");
  std::vector<std::string> result;
  for (StringRef name : names) {
    SmallVector<StringRef> own;
    name.split(own, '.');
    for (auto [part, given] : llvm::zip(own, parts))
      if (part == "*")
        part = given;
    result.push_back(llvm::join(own, "."));
  }
  return llvm::join(result, ", ");
}

namespace {
class LaunchWalk {
public:
  std::vector<LaunchFact> launches;

  /// Follows a function; `arguments` are the parameters that its arguments stand for, empty names for other values.
  void follow(func::FuncOp function, ArrayRef<StringRef> arguments, StringRef caller);

private:
  StringRef parameterOf(Value value) const { return parameters.lookup(value); }
  void addLaunch(tile::LaunchOp launch, StringRef caller);

  DenseMap<Value, StringRef> parameters;
  int64_t barriers = 0;
};
} // namespace

/// Whether all that a kernel does with an argument is to pick rows of it.
static bool isOnlyGathered(BlockArgument argument) {
  return llvm::all_of(argument.getUsers(), [](Operation *user) { return isa<nn::EmbeddingOp>(user); });
}

static int64_t matricesOf(RankedTensorType weight) {
  int64_t matrices = 1;
  for (int64_t size : weight.getShape().drop_back(2))
    matrices *= size;
  return matrices;
}

/// What a launch reads of the parameter that an argument of its kernel is.
static WeightRead readOf(StringRef name, BlockArgument argument) {
  WeightRead read{name.str()};
  for (OpOperand &use : argument.getUses())
    if (auto linear = dyn_cast<nn::LinearOpInterface>(use.getOwner()); linear && &linear.getWeightMutable() == &use) {
      read.matrices = matricesOf(cast<RankedTensorType>(argument.getType()));
      read.matricesRead = std::max(read.matricesRead, linear.getMatricesOfRow());
    }
  return read;
}

void LaunchWalk::addLaunch(tile::LaunchOp launch, StringRef caller) {
  LaunchFact fact;
  fact.kernel = launch.getKernel().str();
  fact.path = pathIn(modelPath(launch.getLoc()), caller);
  fact.barriers = barriers;
  tile::KernelOp kernel = launch.lookupKernel();
  if (!kernel) { // emitted already: nothing says how it reads its operands
    launches.push_back(std::move(fact));
    return;
  }
  for (auto [operand, argument] : llvm::zip(launch.getInputs(), kernel.getBlock().getArguments())) {
    StringRef name = parameterOf(operand);
    if (!name.empty() && !isOnlyGathered(argument))
      fact.weights.push_back(readOf(name, argument));
  }
  kernel.walk([&](nn::LinearOpInterface linear) {
    auto weight = cast<RankedTensorType>(linear.getWeightMutable().get().getType());
    fact.operationsPerRow += 2 * weight.getNumElements() / matricesOf(weight) * linear.getMatricesOfRow();
    int64_t rows = cast<RankedTensorType>(linear->getResult(0).getType()).getDimSize(0);
    fact.rows = ShapedType::isDynamic(rows) ? -1 : rows;
  });
  launches.push_back(std::move(fact));
}

void LaunchWalk::follow(func::FuncOp function, ArrayRef<StringRef> arguments, StringRef caller) {
  for (auto [argument, name] : llvm::zip(function.getArguments(), arguments))
    parameters[argument] = name;
  bool endsInRun = false; // as in the lowering of host functions: a barrier follows a block that ends in a launch
  for (Operation &op : function.getOps()) {
    barriers += op.hasAttr("rt.wait");
    if (auto get = dyn_cast<nn::GetParamOp>(op)) {
      parameters[get.getResult()] = get.getParam();
    } else if (auto launch = dyn_cast<tile::LaunchOp>(op)) {
      addLaunch(launch, caller);
      endsInRun = true;
    } else if (auto call = dyn_cast<func::CallOp>(op)) {
      SmallVector<StringRef> passed = llvm::map_to_vector(call.getOperands(), [&](Value value) { return parameterOf(value); });
      auto callee = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(call, call.getCalleeAttr());
      follow(callee, passed, modelPath(call.getLoc()));
      endsInRun = false;
    }
  }
  barriers += endsInRun && !function->hasAttr("tenon.entry");
}

std::vector<LaunchFact> collectLaunches(func::FuncOp entry) {
  LaunchWalk walk;
  walk.follow(entry, {}, "");
  return std::move(walk.launches);
}

} // namespace tenon::codegen
