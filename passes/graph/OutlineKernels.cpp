//===- OutlineKernels.cpp - every group becomes a kernel of the module ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The text of a kernel without its name and locations is its identity: equal texts are one kernel, and the hash of the text ends its
// name. So a kernel has the same name wherever and whenever it is made, and as many layers as there may be cost one kernel each kind.
//

#include "tenon/passes/graph/Passes.h"

#include "mlir/IR/Remarks.h"
#include "tenon/dialects/tile/KernelPart.h"
#include "tenon/passes/graph/ModelPath.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/xxhash.h"

namespace tenon {
#define GEN_PASS_DEF_OUTLINEKERNELSPASS
#include "tenon/passes/graph/Passes.h.inc"
} // namespace tenon

using namespace mlir;
using namespace tenon;

/// The ops that compute, each once, in the order in which they first come.
static std::string describeOps(tile::KernelOp kernel) {
  constexpr size_t mostNames = 5;
  SetVector<StringRef> names;
  for (Operation &op : kernel.getBlock().without_terminator()) {
    bool computes = tile::kernelPart(&op, kernel.getFamily()) != tile::KernelPart::View && !isa<cache::ViewOp>(op);
    if (computes)
      names.insert(op.getName().stripDialect());
  }
  if (names.empty())
    return "copy";
  return llvm::join(names.getArrayRef().take_front(mostNames), "_");
}

/// The kernel as text; the same for kernels that do the same.
static std::string identityOf(tile::KernelOp kernel) {
  std::string text;
  llvm::raw_string_ostream os(text);
  kernel->print(os, OpPrintingFlags().useLocalScope().printGenericOpForm().enableDebugInfo(false));
  return text;
}

/// A kernel with the group's region, which is taken from it.
static tile::KernelOp takeRegion(tile::GroupOp group) {
  OpBuilder builder(group.getContext());
  auto type = builder.getFunctionType(group.getOperandTypes(), group.getResultTypes());
  auto kernel = tile::KernelOp::create(builder, group.getLoc(), "kernel", group.getFamily(), type);
  kernel.getBody().takeBody(group.getBody());
  return kernel;
}

namespace {
struct OutlineKernelsPass : tenon::impl::OutlineKernelsPassBase<OutlineKernelsPass> {
  using Base::Base;

  void runOnOperation() override {
    SymbolTable symbols(getOperation());
    llvm::StringMap<tile::KernelOp> kernels;
    for (auto function : llvm::to_vector(getOperation().getOps<func::FuncOp>()))
      function.walk([&](tile::GroupOp group) { launch(group, outline(group, function, symbols, kernels)); });
  }

private:
  /// The group's kernel: a new one in front of the function, or the one there is.
  tile::KernelOp outline(tile::GroupOp group, func::FuncOp function, SymbolTable &symbols, llvm::StringMap<tile::KernelOp> &kernels) {
    tile::KernelOp made = takeRegion(group);
    std::string identity = identityOf(made);
    tile::KernelOp &kernel = kernels[identity];
    if (kernel) {
      remark::passed(group.getLoc(), remark::RemarkOpts::name("OutlineKernels").category(getArgument()))
          << ("is the same kernel as " + kernel.getSymName()).str();
      kernel->setLoc(fuseLocations(&getContext(), {kernel.getLoc(), made.getLoc()}));
      made->erase();
      return kernel;
    }
    std::string hash = llvm::utohexstr(llvm::xxh3_64bits(identity), /*LowerCase=*/true, /*Width=*/16);
    made.setSymName(describeOps(made) + "_" + hash.substr(0, 8));
    symbols.insert(made, function->getIterator());
    return kernel = made;
  }

  static void launch(tile::GroupOp group, tile::KernelOp kernel) {
    OpBuilder builder(group);
    auto launch = tile::LaunchOp::create(builder, group.getLoc(), group.getResultTypes(), kernel.getSymName(), group.getInputs());
    group->replaceAllUsesWith(launch);
    group->erase();
  }
};
} // namespace
