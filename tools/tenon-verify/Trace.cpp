//===- Trace.cpp - an entry that also returns what every layer made ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Trace.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/SymbolTable.h"
#include "tenon/passes/graph/ModelPath.h"

using namespace mlir;
using namespace tenon;

std::vector<std::string> verify::addTrace(ModuleOp module, StringRef entry) {
  SymbolTable symbols(module);
  auto source = symbols.lookup<func::FuncOp>(entry);
  if (!source || source.isExternal() || symbols.lookup(traceName))
    return {};
  auto trace = cast<func::FuncOp>(source->clone());
  trace.setName(traceName);

  std::vector<std::string> paths;
  SmallVector<Value> traced;
  trace.walk([&](func::CallOp call) {
    std::string path = modelPath(call.getLoc());
    if (path.empty())
      path = (call.getCallee() + "#" + Twine(paths.size())).str();
    for (Value result : call.getResults())
      if (isa<RankedTensorType>(result.getType())) {
        traced.push_back(result);
        paths.push_back(path);
      }
  });
  if (traced.empty()) {
    trace->destroy();
    return {};
  }
  Operation *end = trace.getBody().front().getTerminator();
  for (Value value : traced) {
    (void)trace.insertResult(trace.getNumResults(), value.getType(), DictionaryAttr());
    end->insertOperands(end->getNumOperands(), value);
  }
  symbols.insert(trace);
  return paths;
}
