//===- AssignWeights.cpp - a place for every parameter ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Entries come before other functions, so the order is that of a step through the model. The bytes that a parameter takes are those of its
// buffer, which its encoding decides; packing must come before.
//
//===----------------------------------------------------------------------===//

#include "mlir/IR/Remarks.h"
#include "tenon/dialects/nn/NN.h"
#include "tenon/dialects/tile/Buffer.h"
#include "tenon/passes/lower/Passes.h"

namespace tenon {
#define GEN_PASS_DEF_ASSIGNWEIGHTSPASS
#include "tenon/passes/lower/Passes.h.inc"
} // namespace tenon

using namespace mlir;
using namespace tenon;

namespace {
/// Hands out places in the packed weights, one after the other.
class WeightPlaces {
public:
  explicit WeightPlaces(ModuleOp module) : module(module), symbols(module) {}

  /// Gives the parameter that `get` names a place unless it has one.
  LogicalResult assign(nn::GetParamOp get) {
    auto param = symbols.lookup<nn::ParamOp>(get.getParam());
    if (param->hasAttr("rt.weight_offset"))
      return success();
    std::optional<tile::BufferSize> size = tile::bufferSize(cast<RankedTensorType>(param.getType()));
    if (!size || ShapedType::isDynamic(size->rows))
      return param.emitOpError("expects a type that can be packed, but got ") << param.getType();
    param->setAttr("rt.weight_offset", Builder(module.getContext()).getI64IntegerAttr(end));
    end = llvm::alignTo(end + size->rows * size->rowBytes, rt::bufferAlignment);
    return success();
  }

  int64_t size() const { return end; }

private:
  ModuleOp module;
  SymbolTable symbols;
  int64_t end = 0;
};

struct AssignWeightsPass : tenon::impl::AssignWeightsPassBase<AssignWeightsPass> {
  using Base::Base;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    for (auto param : module.getOps<nn::ParamOp>())
      param->removeAttr("rt.weight_offset");

    WeightPlaces places(module);
    for (bool entries : {true, false})
      for (auto function : module.getOps<func::FuncOp>())
        if (function->hasAttr("tenon.entry") == entries &&
            function.walk([&](nn::GetParamOp get) { return WalkResult(places.assign(get)); }).wasInterrupted())
          return signalPassFailure();
    module->setAttr("rt.weights_bytes", Builder(&getContext()).getI64IntegerAttr(places.size()));

    for (auto param : module.getOps<nn::ParamOp>())
      if (!param->hasAttr("rt.weight_offset"))
        remark::missed(param.getLoc(), remark::RemarkOpts::name("AssignWeights").category("tenon-assign-weights"))
            << "'" << param.getSymName() << "' is not used and is not packed";
  }
};
} // namespace
