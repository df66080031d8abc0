//===- DeviceProgram.cpp - a model's entries as lists of launches ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The ops that can occur in host functions are those that outlining leaves, as in tenon-lower-host, which makes code of them for a CPU.
//
//===----------------------------------------------------------------------===//

#include "tenon/codegen/package/DeviceProgram.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "tenon/dialects/cache/Cache.h"
#include "tenon/dialects/nn/NN.h"
#include "tenon/dialects/rt/RT.h"
#include "tenon/dialects/tile/Tile.h"
#include "tenon/passes/graph/ModelPath.h"
#include "tenon/runtime/abi.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace tenon::codegen {

namespace {
using Arguments = SmallVector<ArgumentFact>;

class ProgramWalk {
public:
  explicit ProgramWalk(ModuleOp module) : module(module), symbols(module) {
    for (auto [index, slot] : llvm::enumerate(module.getOps<cache::DeclareOp>()))
      slots[slot.getSymName()] = int64_t(index);
  }

  DeviceProgram program;

  void addKernels();
  LogicalResult addEntry(const EntryFact &entry);

private:
  /// Follows a function whose arguments and results are `given` and whose part of the arena begins at `frame`.
  LogicalResult follow(func::FuncOp function, ArrayRef<ArgumentFact> given, ArrayRef<ArgumentFact> returned, ExtentFact frame);
  LogicalResult add(Operation &op, ExtentFact frame);
  LogicalResult addLaunch(tile::LaunchOp launch, ExtentFact frame);
  LogicalResult addCall(func::CallOp call, ExtentFact frame);
  LogicalResult addParam(nn::GetParamOp get);
  LogicalResult addConstant(nn::ConstantOp constant);
  /// The places of an op's results; they become known.
  FailureOr<Arguments> place(Operation *op, ExtentFact frame);
  Arguments lookUp(ValueRange values) {
    return llvm::map_to_vector(values, [&](Value value) { return places.lookup(value); });
  }

  ModuleOp module;
  SymbolTable symbols;
  llvm::StringMap<int64_t> slots, kernels;
  DenseMap<Value, ArgumentFact> places;
  DenseMap<Attribute, int64_t> constants;
  std::vector<DeviceLaunchFact> *launches = nullptr;
  ArrayRef<LaunchFact> paths;
};
} // namespace

template <typename Range> static std::array<int64_t, 3> three(Range numbers) {
  return {numbers[0], numbers[1], numbers[2]};
}

void ProgramWalk::addKernels() {
  for (auto kernel : module.getOps<tile::KernelOp>()) {
    tile::StagesAttr stages = kernel.getStagesAttr();
    kernels[kernel.getSymName()] = int64_t(program.kernels.size());
    KernelFact fact{kernel.getSymName().str(), {}, {stages.getWorkspace(), stages.getPerToken()}, {}};
    for (tile::StageAttr stage : stages.getStages())
      fact.stages.push_back(
          {stage.getName().str(), three(stage.getThreads()), three(stage.getGrid()), three(stage.getRows()), stage.getShared()});
    for (BlockArgument argument : kernel.getBlock().getArguments())
      fact.parameters.push_back(modelPath(argument.getLoc()));
    for (unsigned result = 0; result < kernel.getFunctionType().getNumResults(); ++result)
      fact.parameters.push_back("result " + std::to_string(result));
    program.kernels.push_back(std::move(fact));
  }
}

LogicalResult ProgramWalk::addEntry(const EntryFact &entry) {
  auto function = symbols.lookup<func::FuncOp>(entry.name);
  launches = &program.entries.emplace_back();
  paths = entry.launches;
  Arguments inputs, outputs;
  for (unsigned i = 0; i < function.getNumArguments(); ++i)
    inputs.push_back({TENON_ABI_ARGUMENT_INPUT, i});
  for (unsigned i = 0; i < function.getNumResults(); ++i)
    outputs.push_back({TENON_ABI_ARGUMENT_OUTPUT, i});
  return follow(function, inputs, outputs, {0, 0});
}

LogicalResult ProgramWalk::follow(func::FuncOp function, ArrayRef<ArgumentFact> given, ArrayRef<ArgumentFact> returned, ExtentFact frame) {
  for (auto [argument, place] : llvm::zip_equal(function.getArguments(), given))
    places[argument] = place;
  for (auto [value, place] : llvm::zip_equal(function.getBody().front().getTerminator()->getOperands(), returned))
    places[value] = place;
  for (Operation &op : function.getOps())
    if (failed(add(op, frame)))
      return failure();
  return success();
}

LogicalResult ProgramWalk::add(Operation &op, ExtentFact frame) {
  return llvm::TypeSwitch<Operation *, LogicalResult>(&op)
      .Case([&](tile::LaunchOp op) { return addLaunch(op, frame); })
      .Case([&](func::CallOp op) { return addCall(op, frame); })
      .Case([&](nn::GetParamOp op) { return addParam(op); })
      .Case([&](nn::ConstantOp op) { return addConstant(op); })
      .Case([&](cache::GetOp op) {
        places[op.getResult()] = {TENON_ABI_ARGUMENT_STATE, slots.lookup(op.getSlot())};
        return success();
      })
      .Case([&](cache::LengthOp op) {
        places[op.getResult()] = {TENON_ABI_ARGUMENT_VALUE, 0, 0, 0, 1};
        return success();
      })
      .Case([&](arith::ConstantIndexOp op) {
        places[op.getResult()] = {TENON_ABI_ARGUMENT_VALUE, 0, op.value()};
        return success();
      })
      .Case([](func::ReturnOp) { return success(); })
      .Default([](Operation *op) { return op->emitOpError("expects to be inside a kernel, but is in a host function"); });
}

FailureOr<Arguments> ProgramWalk::place(Operation *op, ExtentFact frame) {
  auto placement = op->getAttrOfType<ArrayAttr>("rt.placement");
  if (!placement || placement.size() != op->getNumResults())
    return op->emitOpError("expects rt.placement with a place for each result");
  for (auto [result, place] : llvm::zip_equal(op->getResults(), placement))
    if (auto extent = dyn_cast<rt::ExtentAttr>(place))
      places[result] = {TENON_ABI_ARGUMENT_ARENA, 0, frame.constant + extent.getConstant(), frame.perToken + extent.getPerToken()};
  return lookUp(op->getResults());
}

LogicalResult ProgramWalk::addLaunch(tile::LaunchOp launch, ExtentFact frame) {
  FailureOr<Arguments> results = place(launch, frame);
  if (failed(results))
    return failure();
  DeviceLaunchFact fact{kernels.lookup(launch.getKernel()), {}, paths[launches->size()].path};
  llvm::append_range(fact.arguments, lookUp(launch.getInputs()));
  llvm::append_range(fact.arguments, *results);
  launches->push_back(std::move(fact));
  return success();
}

LogicalResult ProgramWalk::addCall(func::CallOp call, ExtentFact frame) {
  FailureOr<Arguments> results = place(call, frame);
  auto inner = call->getAttrOfType<rt::ExtentAttr>("rt.frame");
  if (failed(results) || !inner)
    return failed(results) ? failure() : call.emitOpError("expects a planned arena, but rt.frame is missing");
  return follow(symbols.lookup<func::FuncOp>(call.getCallee()), lookUp(call.getOperands()), *results,
                {frame.constant + inner.getConstant(), frame.perToken + inner.getPerToken()});
}

LogicalResult ProgramWalk::addParam(nn::GetParamOp get) {
  auto param = symbols.lookup<nn::ParamOp>(get.getParam());
  auto offset = param ? param->getAttrOfType<IntegerAttr>("rt.weight_offset") : IntegerAttr();
  if (!offset)
    return get.emitOpError("expects a parameter with a place in the packed weights, but @") << get.getParam() << " has none";
  places[get.getResult()] = {TENON_ABI_ARGUMENT_WEIGHT, 0, offset.getInt()};
  return success();
}

LogicalResult ProgramWalk::addConstant(nn::ConstantOp constant) {
  auto value = dyn_cast<DenseElementsAttr>(constant.getValue());
  if (!value)
    return constant.emitOpError("expects a dense constant, but got ") << constant.getType();
  auto [it, isNew] = constants.try_emplace(value, int64_t(program.data.size()));
  if (isNew) {
    int64_t elementBytes = value.getElementType().getIntOrFloatBitWidth() / 8;
    for (int64_t i = 0, count = value.getNumElements(); i < count; ++i) {
      const char *element = value.getRawData().data() + (value.isSplat() ? 0 : i * elementBytes);
      program.data.insert(program.data.end(), element, element + elementBytes);
    }
    program.data.resize(llvm::alignTo(program.data.size(), rt::bufferAlignment));
  }
  places[constant.getResult()] = {TENON_ABI_ARGUMENT_DATA, 0, it->second};
  return success();
}

FailureOr<DeviceProgram> collectDeviceProgram(ModuleOp module, const ModuleFacts &facts) {
  ProgramWalk walk(module);
  walk.addKernels();
  for (const EntryFact &entry : facts.entries)
    if (failed(walk.addEntry(entry)))
      return failure();
  return std::move(walk.program);
}

} // namespace tenon::codegen
