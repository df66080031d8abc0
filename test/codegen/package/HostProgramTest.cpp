//===- HostProgramTest.cpp - host programs from MLIR to running threads ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Two kernels written by hand, an entry and a block that is called twice: planned, lowered, compiled, loaded and run by one and by three
// threads. What the descriptor says is compared with what was planned.
//
//===----------------------------------------------------------------------===//

#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Target/TargetMachine.h"
#include "mlir/Parser/Parser.h"
#include "tenon/codegen/cpu/Object.h"
#include "tenon/codegen/package/Descriptor.h"
#include "tenon/codegen/package/Facts.h"
#include "tenon/codegen/package/Lowering.h"
#include "tenon/codegen/target/Target.h"
#include "tenon/runtime/abi.h"
#include "gmock/gmock.h"
#include <barrier>
#include <dlfcn.h>
#include <thread>

using namespace llvm;
using namespace tenon::codegen;

namespace {

// @twice(x) = table[0] * x; @add(x, y) = x + y, both by rows, row t by thread t mod threads.
const char program[] = R"mlir(
module attributes {tenon.name = "toy", tenon.context = 128 : i64, tenon.bos = 1 : i64} {
nn.param @scale : tensor<16xf32> from "model.bin" at 64
nn.param @unused : tensor<16xf32> from "model.bin" at 128
cache.declare @kv : !cache.kv<heads = 2, dim = 64, f16>

func.func private @count(%thread: index, %threads: index, %tokens: index, %position: index, %ids: memref<?xi32>,
                        %y: memref<?x16xf32>) attributes {tenon.kernel} {
  %zero = arith.constant 0 : index
  scf.for %t = %thread to %tokens step %threads {
    %id = memref.load %ids[%t] : memref<?xi32>
    %f = arith.sitofp %id : i32 to f32
    %v = vector.broadcast %f : f32 to vector<16xf32>
    vector.store %v, %y[%t, %zero] : memref<?x16xf32>, vector<16xf32>
  }
  return
}
func.func private @scaled(%thread: index, %threads: index, %tokens: index, %position: index, %x: memref<?x16xf32>, %w: memref<16xf32>,
                          %n: index, %y: memref<?x16xf32>) attributes {tenon.kernel} {
  %zero = arith.constant 0 : index
  %s = vector.load %w[%zero] : memref<16xf32>, vector<16xf32>
  %i = arith.index_cast %n : index to i32
  %f = arith.sitofp %i : i32 to f32
  %p = vector.broadcast %f : f32 to vector<16xf32>
  // Row t reads row T - 1 - t, which another thread wrote: wrong without a barrier.
  %one = arith.constant 1 : index
  %last = arith.subi %tokens, %one : index
  scf.for %t = %thread to %tokens step %threads {
    %r = arith.subi %last, %t : index
    %v = vector.load %x[%r, %zero] : memref<?x16xf32>, vector<16xf32>
    %m = vector.fma %v, %s, %p : vector<16xf32>
    vector.store %m, %y[%t, %zero] : memref<?x16xf32>, vector<16xf32>
  }
  return
}
func.func private @last(%thread: index, %threads: index, %tokens: index, %position: index, %x: memref<?x16xf32>,
                    %y: memref<1x16xf32>) attributes {tenon.kernel} {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %row = arith.subi %tokens, %one : index
  %mine = arith.cmpi eq, %thread, %zero : index
  scf.if %mine {
    %v = vector.load %x[%row, %zero] : memref<?x16xf32>, vector<16xf32>
    vector.store %v, %y[%zero, %zero] : memref<1x16xf32>, vector<16xf32>
  }
  return
}

func.func private @block(%x: tensor<?x16xf32>, %w: tensor<16xf32>, %kv: !cache.kv<heads = 2, dim = 64, f16>) -> tensor<?x16xf32> {
  %n = cache.length %kv : !cache.kv<heads = 2, dim = 64, f16> -> index
  %a = tile.launch @scaled(%x, %w, %n) : (tensor<?x16xf32>, tensor<16xf32>, index) -> tensor<?x16xf32>
  %b = tile.launch @scaled(%a, %w, %n) : (tensor<?x16xf32>, tensor<16xf32>, index) -> tensor<?x16xf32>
  return %b : tensor<?x16xf32>
}
func.func @next(%ids: tensor<?xi32>) -> tensor<1x16xf32> attributes {tenon.entry} {
  %w = nn.get_param @scale : tensor<16xf32>
  %kv = cache.get @kv : !cache.kv<heads = 2, dim = 64, f16>
  %x = tile.launch @count(%ids) : (tensor<?xi32>) -> tensor<?x16xf32>
  %y = func.call @block(%x, %w, %kv) : (tensor<?x16xf32>, tensor<16xf32>, !cache.kv<heads = 2, dim = 64, f16>) -> tensor<?x16xf32>
  %z = func.call @block(%y, %w, %kv) : (tensor<?x16xf32>, tensor<16xf32>, !cache.kv<heads = 2, dim = 64, f16>) -> tensor<?x16xf32>
  %l = tile.launch @last(%z) : (tensor<?x16xf32>) -> tensor<1x16xf32>
  return %l : tensor<1x16xf32>
}
decode.generate @generate step @next eos [2, 5] {
^bb0(%logits: tensor<1x16xf32>, %uniform: tensor<1xf32>):
  %t = decode.greedy %logits : tensor<1x16xf32> -> tensor<1xi32>
  decode.yield %t : tensor<1xi32>
}
}
)mlir";

class HostProgramTest : public testing::Test {
protected:
  void SetUp() override {
    mlir::DialectRegistry registry;
    registerCompilerDialects(registry);
    context.appendDialectRegistry(registry);
    context.loadAllAvailableDialects();
    module = mlir::parseSourceString<mlir::ModuleOp>(program, &context);
    ASSERT_TRUE(module);
    ASSERT_TRUE(succeeded(runPipeline(*module, "tenon-assign-weights, tenon-plan-arena")));
    auto collected = collectFacts(*module, "/models");
    ASSERT_TRUE(succeeded(collected));
    facts = *collected;
    facts.sourceHash = "blake3:0";
    facts.compiler = "test";
  }

  void compile() {
    ASSERT_TRUE(succeeded(runPipeline(*module, "tenon-lower-host, tenon-verify-host")));
    ASSERT_TRUE(succeeded(runPipeline(*module, "arith-expand, convert-scf-to-cf, convert-vector-to-llvm, convert-to-llvm, "
                                               "reconcile-unrealized-casts, tenon-finish-llvm")));
    LLVMContext llvmContext;
    auto translated = translateToLLVM(*module, llvmContext);
    ASSERT_TRUE(succeeded(translated));
    tenon::codegen::Target target = *tenon::codegen::Target::find("x86-64-v3");
    auto machine = createTargetMachine({target.triple, target.cpu, target.featureString()});
    ASSERT_TRUE(bool(machine));
    (*translated)->setDataLayout((*machine)->createDataLayout());
    Error error = emitDescriptor(**translated, facts, target);
    ASSERT_FALSE(bool(error)) << toString(std::move(error));
    optimizeModule(**translated, **machine);
    Expected<Bytes> object = emitMachineCode(**translated, **machine, MachineCode::Object);
    ASSERT_TRUE(bool(object)) << toString(object.takeError());
    Expected<Bytes> shared = linkSharedObject(*object, {TENON_ABI_SYMBOL});
    ASSERT_TRUE(bool(shared)) << toString(shared.takeError());
    load(*shared);
  }

  void load(const Bytes &shared) {
    SmallString<128> path;
    int file;
    ASSERT_FALSE(sys::fs::createTemporaryFile("tenon-host-program", "so", file, path));
    raw_fd_ostream(file, /*shouldClose=*/true) << StringRef(shared.data(), shared.size());
    library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    sys::fs::remove(path);
    ASSERT_TRUE(library) << dlerror();
    descriptor = static_cast<const tenon_abi_module *>(dlsym(library, TENON_ABI_SYMBOL));
    ASSERT_TRUE(descriptor);
  }

  /// Runs @next on `threads` threads at position `position`.
  std::vector<float> run(std::vector<int32_t> ids, int64_t position, int64_t threads);

  void TearDown() override {
    if (library)
      dlclose(library);
  }

  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  ModuleFacts facts;
  void *library = nullptr;
  const tenon_abi_module *descriptor = nullptr;
};

std::vector<float> HostProgramTest::run(std::vector<int32_t> ids, int64_t position, int64_t threads) {
  const tenon_abi_entry_point &entry = descriptor->entries[0];
  int64_t tokens = ids.size();
  std::vector<float> output(16), weights(16, 2.0f);
  void *arena = aligned_alloc(64, alignTo(entry.arena.constant + entry.arena.per_symbol[0] * tokens, 64));
  std::vector<char> state(descriptor->states[0].bytes * 4);
  const void *inputs[] = {ids.data()};
  void *outputs[] = {output.data()}, *states[] = {state.data()};
  std::barrier<> meeting(threads);
  tenon_abi_barrier wait = [](const tenon_abi_call *call, int64_t) { static_cast<std::barrier<> *>(call->team)->arrive_and_wait(); };
  tenon_abi_call call = {inputs, outputs, weights.data(), arena, states, &tokens, position, wait, &meeting};
  std::vector<std::thread> team;
  for (int64_t thread = 0; thread < threads; ++thread)
    team.emplace_back([&, thread] { entry.function(&call, thread, threads); });
  for (std::thread &thread : team)
    thread.join();
  free(arena);
  return output;
}

TEST_F(HostProgramTest, FactsSayWhatWasPlanned) {
  ASSERT_EQ(facts.weights.size(), 1u);
  EXPECT_EQ(facts.weights[0].name, "scale");
  const tenon::StoredArray &array = *facts.weights[0].stored.pieces[0].tensor.part("values");
  EXPECT_EQ(array.path, "/models/model.bin");
  EXPECT_EQ(array.offset, 64u);
  EXPECT_EQ(storedBytes(array), 64u);
  EXPECT_EQ(facts.weightsBytes, 64u);
  EXPECT_EQ(facts.parameters, 16);
  ASSERT_EQ(facts.states.size(), 1u);
  EXPECT_EQ(facts.states[0].bytes, 2 * 2 * 64 * 64 * 2);
  EXPECT_EQ(facts.stateBytes(65), 2 * facts.states[0].bytes);
  ASSERT_EQ(facts.entries.size(), 1u);
  // The caller's two temporaries alternate; the block has one of its own.
  EXPECT_EQ(facts.entries[0].arena.perToken, 3 * 64);
  EXPECT_EQ(facts.entries[0].arena.constant, 0);
  ASSERT_TRUE(facts.generate);
  EXPECT_EQ(facts.generate->vocabulary, 16);
}

TEST_F(HostProgramTest, TheDescriptorSaysTheFacts) {
  compile();
  ASSERT_FALSE(HasFatalFailure());
  EXPECT_EQ(descriptor->magic, TENON_ABI_MAGIC);
  EXPECT_EQ(descriptor->features, TENON_ABI_X86_64_V3_FEATURES);
  EXPECT_STREQ(descriptor->target, "x86-64-v3");
  EXPECT_STREQ(descriptor->name, "toy");
  EXPECT_STREQ(descriptor->symbols[0], "tokens");
  ASSERT_EQ(descriptor->entry_count, 1);
  const tenon_abi_entry_point &entry = descriptor->entries[0];
  EXPECT_STREQ(entry.name, "next");
  EXPECT_EQ(entry.flags, TENON_ABI_ENTRY_STATEFUL);
  EXPECT_STREQ(entry.inputs[0].name, "tokens");
  EXPECT_EQ(entry.inputs[0].dims[0], -1);
  EXPECT_EQ(entry.outputs[0].rank, 2);
  EXPECT_EQ(entry.outputs[0].dims[1], 16);
  ASSERT_EQ(descriptor->weight_count, 1);
  EXPECT_STREQ(descriptor->weights[0].format, "f32");
  EXPECT_EQ(descriptor->states[0].block_positions, 64);
  ASSERT_TRUE(descriptor->generate);
  EXPECT_EQ(descriptor->generate->bos, 1);
  EXPECT_EQ(descriptor->generate->forward_entry, -1);
  EXPECT_EQ(descriptor->generate->eos[1], 5);
}

TEST_F(HostProgramTest, AnyNumberOfThreadsGivesTheSameResult) {
  compile();
  ASSERT_FALSE(HasFatalFailure());
  // Four times x -> 2x + position with rows reversed each time: 16x + 15 * position of the last token.
  std::vector<int32_t> ids = {3, 1, 4, 1, 5, 9, 2};
  std::vector<float> expected(16, 16.0f * 2 + 15 * 7);
  for (int64_t threads : {1, 2, 3})
    EXPECT_EQ(run(ids, 7, threads), expected) << threads << " threads";
  EXPECT_EQ(run({6}, 0, 2), std::vector<float>(16, 96.0f));
}

TEST_F(HostProgramTest, AMissingEntryIsAnError) {
  LLVMContext llvmContext;
  Module empty("empty", llvmContext);
  EXPECT_EQ(toString(emitDescriptor(empty, facts, *tenon::codegen::Target::find("x86-64-v3"))), "entry 'next' was not compiled");
}

} // namespace
