//===- ObjectTest.cpp - LLVM IR to a loaded shared object -------*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/codegen/cpu/Object.h"

#include "llvm/AsmParser/Parser.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Target/TargetMachine.h"
#include "gmock/gmock.h"
#include <dlfcn.h>

using namespace llvm;
using namespace tenon::codegen;

namespace {

const Machine baseline = {"x86_64-unknown-linux-gnu", "x86-64-v3", ""};

/// Compiles LLVM IR text to an object for `machine`.
Expected<Bytes> compile(StringRef text, const Machine &machine, MachineCode kind = MachineCode::Object) {
  LLVMContext context;
  SMDiagnostic diagnostic;
  std::unique_ptr<Module> module = parseAssemblyString(text, diagnostic, context);
  EXPECT_TRUE(module) << diagnostic.getMessage().str();
  auto target = createTargetMachine(machine);
  if (!target)
    return target.takeError();
  optimizeModule(*module, **target);
  return emitMachineCode(*module, **target, kind);
}

const char addFour[] = R"(
define void @add_four(ptr %p) {
  %v = load <8 x float>, ptr %p, align 4
  %w = fadd <8 x float> %v, splat (float 4.0)
  store <8 x float> %w, ptr %p, align 4
  ret void
})";

TEST(Object, ALinkedFunctionCanBeLoadedAndCalled) {
  Expected<Bytes> object = compile(addFour, baseline);
  ASSERT_TRUE(bool(object)) << toString(object.takeError());
  Expected<Bytes> shared = linkSharedObject(*object, {"add_four"});
  ASSERT_TRUE(bool(shared)) << toString(shared.takeError());

  SmallString<128> path;
  int file;
  ASSERT_FALSE(sys::fs::createTemporaryFile("tenon-object-test", "so", file, path));
  raw_fd_ostream(file, /*shouldClose=*/true) << StringRef(shared->data(), shared->size());
  void *library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  ASSERT_TRUE(library) << dlerror();
  auto function = reinterpret_cast<void (*)(float *)>(dlsym(library, "add_four"));
  ASSERT_TRUE(function);
  float values[8] = {0, 1, 2, 3, 4, 5, 6, 7};
  function(values);
  EXPECT_THAT(values, testing::ElementsAre(4, 5, 6, 7, 8, 9, 10, 11));
  dlclose(library);
  sys::fs::remove(path);
}

TEST(Object, TheSameModuleGivesTheSameBytes) {
  Expected<Bytes> first = compile(addFour, baseline), second = compile(addFour, baseline);
  ASSERT_TRUE(first && second);
  Expected<Bytes> one = linkSharedObject(*first, {"add_four"}), two = linkSharedObject(*second, {"add_four"});
  ASSERT_TRUE(one && two);
  EXPECT_EQ(*one, *two);
}

TEST(Object, TheTargetDecidesTheInstructions) {
  Expected<Bytes> wide = compile(addFour, baseline, MachineCode::Assembly);
  ASSERT_TRUE(bool(wide));
  EXPECT_THAT(std::string(wide->begin(), wide->end()), testing::HasSubstr("ymm"));
}

TEST(Object, AnUndefinedFunctionIsNamed) {
  Expected<Bytes> object = compile("declare float @expf(float)\n define float @f(float %x) {\n"
                                   "  %y = call float @expf(float %x)\n  ret float %y\n}",
                                   baseline);
  ASSERT_TRUE(bool(object));
  Expected<Bytes> shared = linkSharedObject(*object, {"f"});
  ASSERT_FALSE(bool(shared));
  EXPECT_THAT(toString(shared.takeError()), testing::HasSubstr("expf"));
}

TEST(Object, AnUnknownTripleIsAnError) {
  auto target = createTargetMachine({"nowhere-unknown-none", "", ""});
  ASSERT_FALSE(bool(target));
  EXPECT_THAT(toString(target.takeError()), testing::HasSubstr("nowhere"));
}

} // namespace
