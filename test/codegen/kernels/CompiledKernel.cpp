//===- CompiledKernel.cpp - a kernel compiled and run in this process ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "CompiledKernel.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "tenon/codegen/cpu/Object.h"
#include "tenon/codegen/package/Lowering.h"
#include "tenon/codegen/target/Target.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/Transforms/Utils/Cloning.h"
#include "gtest/gtest.h"
#include <dlfcn.h>

extern "C" {
#include "tenon/runtime/host/cpu.h"
}

using namespace mlir;
using namespace tenon;
using namespace tenon::test;

/// Lowers the module's only kernel to machine code with a C wrapper around it, and loads it.
static void *load(ModuleOp module, const codegen::Target &target) {
  std::string loops = "tenon-choose-schedule{target=" + target.name + "},tenon-emit-cpu-kernels{target=" + target.name + "}";
  if (failed(codegen::runPipeline(module, loops)))
    giveUp("loops");
  for (auto func : module.getOps<func::FuncOp>()) {
    func.setPublic();
    func->setAttr("llvm.emit_c_interface", UnitAttr::get(module.getContext()));
  }
  std::string machine = "canonicalize,cse,func.func(tenon-expand-math{target=" + target.name +
                        "}),func.func(tenon-lower-lookup{target=" + target.name + "}),func.func(tenon-lower-int-dot{target=" + target.name +
                        "}),convert-vector-to-scf,convert-scf-to-cf,expand-strided-metadata,lower-affine,arith-expand,convert-to-llvm,"
                        "reconcile-unrealized-casts";
  if (failed(codegen::runPipeline(module, machine)))
    giveUp("LLVM dialect");
  llvm::LLVMContext context;
  auto translated = codegen::translateToLLVM(module, context);
  if (failed(translated))
    giveUp("LLVM IR");
  auto generator = orGiveUp(codegen::createTargetMachine({target.triple, target.cpu, target.featureString()}));
  codegen::optimizeModule(**translated, *generator);
  if (const char *folder = std::getenv("TENON_KERNEL_TEST_DUMP")) {
    auto text = orGiveUp(codegen::emitMachineCode(*llvm::CloneModule(*translated->get()), *generator, codegen::MachineCode::Assembly));
    std::error_code error;
    llvm::raw_fd_ostream(std::string(folder) + "/kernel.s", error) << StringRef(text.data(), text.size());
  }
  auto object = orGiveUp(codegen::emitMachineCode(**translated, *generator, codegen::MachineCode::Object));
  auto bytes = orGiveUp(codegen::linkSharedObject(object, {"_mlir_ciface_k"}));
  SmallString<128> path;
  if (llvm::sys::fs::createTemporaryFile("tenon-kernel", "so", path))
    giveUp("a temporary file");
  std::error_code error;
  {
    llvm::raw_fd_ostream(path, error) << StringRef(bytes.data(), bytes.size());
  }
  if (const char *folder = std::getenv("TENON_KERNEL_TEST_DUMP"))
    llvm::sys::fs::copy_file(path, std::string(folder) + "/kernel.so");
  // Matrix registers are granted on request.
  constexpr int64_t tiles = 33;
  if (target.has("amx-tile") && !tenon_cpu_enable(INT64_C(1) << tiles))
    giveUp("the system grants no matrix registers");
  void *library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library)
    giveUp(dlerror());
  llvm::sys::fs::remove(path);
  return library;
}

CompiledKernel::CompiledKernel(StringRef text, StringRef targetName) : KernelUnderTest(text) {
  OwningOpRef<ModuleOp> compiled = cast<ModuleOp>(module->getOperation()->clone());
  library = load(*compiled, *codegen::Target::find(targetName));
  function = dlsym(library, "_mlir_ciface_k");
}

CompiledKernel::~CompiledKernel() {
  dlclose(library);
}

namespace {
/// What a compiled function takes for a memref of at most two dimensions.
struct Descriptor {
  void *allocated, *aligned;
  int64_t offset, numbers[4];
};
} // namespace

static Descriptor describe(Type type, const Buffer &buffer, int64_t tokens) {
  auto memref = cast<MemRefType>(tile::bufferType(type));
  Descriptor descriptor{buffer.data(), buffer.data(), 0, {}};
  auto sizeOf = [&](unsigned dim) {
    return memref.isDynamicDim(dim) ? (isa<RankedTensorType>(type) ? tokens : buffer.size()) : memref.getDimSize(dim);
  };
  if (memref.getRank() == 1) {
    descriptor.numbers[0] = sizeOf(0);
    descriptor.numbers[1] = 1;
    return descriptor;
  }
  descriptor.numbers[0] = sizeOf(0);
  int64_t row = bufferBytes(type, tokens) / (memref.getElementTypeBitWidth() / 8) / std::max<int64_t>(1, sizeOf(0));
  descriptor.numbers[1] = descriptor.numbers[2] = row;
  descriptor.numbers[3] = 1;
  return descriptor;
}

/// A call being made: its words and what they point to.
struct CompiledKernel::Call {
  std::vector<Buffer> results;
  std::vector<Descriptor> descriptors;
  std::vector<uint64_t> words;

  /// Words beyond those that the function takes do no harm.
  void operator()(void *function, uint64_t thread, uint64_t threads) {
    using U = uint64_t;
    auto call = reinterpret_cast<void (*)(U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, U)>(function);
    const U *w = words.data();
    call(thread, threads, w[2], w[3], w[4], w[5], w[6], w[7], w[8], w[9], w[10], w[11], w[12], w[13], w[14], w[15], w[16], w[17], w[18],
         w[19]);
  }
};

CompiledKernel::Call CompiledKernel::prepare(ArrayRef<KernelArgument> arguments, int64_t tokens, int64_t position) {
  Call call;
  call.descriptors.reserve(32);
  call.words = {0, 0, uint64_t(tokens), uint64_t(position)};
  auto pass = [&](Type type, const Buffer &buffer) {
    call.descriptors.push_back(describe(type, buffer, tokens));
    call.words.push_back(reinterpret_cast<uint64_t>(&call.descriptors.back()));
  };
  for (const KernelArgument &argument : arguments) {
    if (isa<IndexType>(argument.type))
      call.words.push_back(argument.value.index());
    else
      pass(argument.type, argument.buffer);
  }
  for (Type type : op.getFunctionType().getResults()) {
    call.results.emplace_back(bufferBytes(type, tokens), 0xee);
    pass(type, call.results.back());
  }
  call.words.resize(20);
  return call;
}

std::vector<Buffer> CompiledKernel::run(ArrayRef<KernelArgument> arguments, int64_t tokens, int64_t position, int64_t threads) {
  Call call = prepare(arguments, tokens, position);
  for (int64_t thread = 0; thread < threads; ++thread)
    call(function, thread, threads);
  for (const Buffer &result : call.results)
    EXPECT_TRUE(result.guardIsIntact()) << "the kernel writes behind a result";
  for (const KernelArgument &argument : arguments)
    EXPECT_TRUE(argument.buffer.guardIsIntact()) << "the kernel writes behind an argument";
  return call.results;
}

void CompiledKernel::runMany(ArrayRef<KernelArgument> arguments, int64_t tokens, int64_t position, int64_t times) {
  Call call = prepare(arguments, tokens, position);
  for (int64_t time = 0; time < times; ++time)
    call(function, 0, 1);
}

std::vector<std::string> tenon::test::runnableTargets() {
  codegen::Target host = codegen::Target::host();
  std::vector<std::string> names;
  for (StringRef name : codegen::Target::tableNames())
    if (codegen::Target row = *codegen::Target::find(name);
        !row.isGpu() && llvm::all_of(row.features, [&](const std::string &feature) { return host.has(feature); }))
      names.push_back(name.str());
  names.push_back("native");
  return names;
}
