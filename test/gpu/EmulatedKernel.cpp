//===- EmulatedKernel.cpp - a kernel as PTX, run in the emulator ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "EmulatedKernel.h"
#include "tenon/codegen/nvptx/PtxText.h"
#include "tenon/codegen/package/Lowering.h"
#include "tenon/codegen/target/Target.h"
#include "tenon/passes/pipelines/Pipelines.h"
#include "gtest/gtest.h"
#include <list>

using namespace mlir;
using namespace tenon;
using namespace tenon::test;

static void orGiveUp(tenon_status status) {
  if (status.code != TENON_OK)
    giveUp(status.msg);
}

EmulatedKernel::EmulatedKernel(StringRef kernelText, StringRef targetName) : KernelUnderTest(kernelText) {
  codegen::Target target = *codegen::Target::find(targetName);
  OwningOpRef<ModuleOp> compiled = cast<ModuleOp>(module->getOperation()->clone());
  for (StringRef pipeline : {"gpu-loops", "gpu-llvm"})
    if (failed(codegen::runPipeline(*compiled, passesOf(*findPipeline(pipeline), {{"target", target.name}}))))
      giveUp(pipeline);
  launched = (*compiled->getOps<tile::KernelOp>().begin()).getStagesAttr();
  text = orGiveUp(codegen::nvptx::ptxText(*compiled->getOps<gpu::GPUModuleOp>().begin(), target));
  if (const char *folder = std::getenv("TENON_KERNEL_TEST_DUMP")) {
    std::error_code error;
    llvm::raw_fd_ostream(std::string(folder) + "/kernel.ptx", error) << text;
  }
  orGiveUp(emu_module_read(text.data(), text.size(), &program));
}

EmulatedKernel::~EmulatedKernel() {
  emu_module_destroy(program);
}

void EmulatedKernel::launch(emu_machine *machine, tile::StageAttr stage, ArrayRef<uint64_t> parameters, int64_t tokens, uint64_t seed) {
  emu_grid grid = {};
  if (tokens == 0 && llvm::any_of(stage.getRows(), [](int64_t rows) { return rows > 0; }))
    return; // No blocks.
  for (int dim = 0; dim < 3; ++dim) {
    int64_t rows = stage.getRows()[dim];
    grid.blocks[dim] = stage.getGrid()[dim] * (rows > 0 ? llvm::divideCeil(tokens, rows) : 1);
    grid.threads[dim] = stage.getThreads()[dim];
  }
  grid.dynamic_shared = stage.getShared();
  const emu_function *function = emu_module_find(program, stage.getName().str().c_str());
  ASSERT_NE(function, nullptr) << stage.getName().str();
  emu_options options = {};
  options.checks = EMU_CHECK_ALL;
  options.seed = seed;
  options.counts = true;
  options.limit = uint64_t(1) << 30;
  emu_counts counts = {};
  auto report = [](void *, const char *line) { ADD_FAILURE() << line; };
  tenon_status status = emu_machine_launch(machine, program, function, &grid, parameters.data(), parameters.size() * sizeof(uint64_t),
                                           &options, &counts, report, nullptr);
  EXPECT_EQ(status.code, TENON_OK) << status.msg;
  counted.instructions += counts.instructions;
  counted.global_sectors += counts.global_sectors;
  counted.global_sectors_ideal += counts.global_sectors_ideal;
  counted.shared_wavefronts += counts.shared_wavefronts;
  counted.shared_wavefronts_ideal += counts.shared_wavefronts_ideal;
}

std::vector<Buffer> EmulatedKernel::run(ArrayRef<KernelArgument> arguments, int64_t tokens, int64_t position, int64_t threads) {
  counted = {};
  emu_machine *machine = nullptr;
  orGiveUp(emu_machine_create(&machine));
  std::vector<uint64_t> parameters;
  auto pass = [&](const std::string &name, const Buffer &buffer) {
    if (buffer.size() > 0)
      // LLVM reads up to the end of an aligned vector of 16 bytes, which the arena and the packer let it.
      orGiveUp(emu_machine_add_buffer(machine, name.c_str(), buffer.data(), llvm::alignTo(buffer.size(), 16)));
    parameters.push_back(reinterpret_cast<uint64_t>(buffer.data()));
  };
  Buffer call(2 * sizeof(int64_t));
  reinterpret_cast<int64_t *>(call.data())[0] = tokens;
  reinterpret_cast<int64_t *>(call.data())[1] = position;
  pass("call", call);
  std::list<Buffer> numbers; // that stay where they are
  for (auto [number, argument] : llvm::enumerate(arguments)) {
    const Buffer *buffer = &argument.buffer;
    if (isa<IndexType>(argument.type)) {
      buffer = &numbers.emplace_back(sizeof(int64_t));
      *reinterpret_cast<int64_t *>(numbers.back().data()) = argument.value.index();
    }
    pass("argument " + std::to_string(number), *buffer);
  }
  std::vector<Buffer> results;
  for (Type type : op.getFunctionType().getResults()) {
    results.emplace_back(bufferBytes(type, tokens), 0xee);
    pass("result " + std::to_string(results.size() - 1), results.back());
  }
  Buffer workspace(launched.getWorkspace() + tokens * launched.getPerToken());
  if (launched.getWorkspace() > 0 || launched.getPerToken() > 0)
    pass("workspace", workspace);
  for (tile::StageAttr stage : launched.getStages())
    launch(machine, stage, parameters, tokens, threads);
  emu_machine_destroy(machine);
  return results;
}
