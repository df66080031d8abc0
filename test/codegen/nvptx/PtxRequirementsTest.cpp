//===- PtxRequirementsTest.cpp - instructions that a GPU has or has not ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/codegen/nvptx/PtxRequirements.h"
#include "llvm/AsmParser/Parser.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/Support/SourceMgr.h"
#include "gtest/gtest.h"

using tenon::codegen::Target;

/// The version that a function of this body needs on the target, or the error.
static std::string required(const std::string &body, const std::string &declarations, const char *target) {
  llvm::LLVMContext context;
  llvm::SMDiagnostic diagnostic;
  auto module = llvm::parseAssemblyString(declarations + "\ndefine void @k(float %x, i32 %i, ptr %p) {\n" + body + "\nret void\n}\n",
                                          diagnostic, context);
  if (!module)
    return "parse: " + diagnostic.getMessage().str();
  auto version = tenon::codegen::nvptx::requiredPtx(*module, *Target::find(target));
  return version ? std::to_string(*version) : llvm::toString(version.takeError());
}

TEST(PtxRequirements, PlainCodeNeedsTheFirstVersionThatKnowsTheTarget) {
  EXPECT_EQ(required("%y = fadd float %x, %x", "", "sm_80"), "70");
  EXPECT_EQ(required("%y = fadd float %x, %x", "", "sm_89"), "78");
  EXPECT_EQ(required("%y = fadd float %x, %x", "", "sm_120a"), "87");
}

TEST(PtxRequirements, InlinePtxRaisesTheVersion) {
  std::string wait = "call void asm sideeffect \"mbarrier.try_wait.parity.shared.b64 p, [$0], $1;\", \"r,r\"(i32 %i, i32 %i)";
  EXPECT_EQ(required(wait, "", "sm_90a"), "80");
  EXPECT_EQ(required(wait, "", "sm_80"), "'k' uses 'mbarrier.try_wait.parity.shared.b64', which needs sm_90, but the target is sm_80");
}

TEST(PtxRequirements, PredicatesAndBracesStandBeforeInstructions) {
  std::string body =
      "call void asm sideeffect \"{\\0A.reg .pred p;\\0Asetp.ne.b32 p, $0, 0;\\0A@p cp.async.bulk.commit_group;\\0A}\", \"r\"(i32 %i)";
  EXPECT_EQ(required(body, "", "sm_90a"), "80");
  EXPECT_NE(required(body, "", "sm_89").find("needs sm_90"), std::string::npos);
}

TEST(PtxRequirements, ArchitectureSpecificInstructionsAreOfOneTarget) {
  std::string body = "call void asm sideeffect \"wgmma.fence.sync.aligned;\", \"\"()";
  EXPECT_EQ(required(body, "", "sm_90a"), "80");
  EXPECT_EQ(required(body, "", "sm_100a"), "'k' uses 'wgmma.fence.sync.aligned', which needs sm_90a, but the target is sm_100a");
}

// What the code generator would end the process at.
TEST(PtxRequirements, FunctionsOfALibraryAndUnknownInstructionsAreErrors) {
  EXPECT_EQ(required("%y = call float @llvm.sin.f32(float %x)", "declare float @llvm.sin.f32(float)", "sm_80"),
            "'k' uses 'llvm.sin.f32', of which is not known what it needs");
  EXPECT_EQ(required("call void asm sideeffect \"frobnicate.b32 $0;\", \"r\"(i32 %i)", "", "sm_80"),
            "'k' uses 'frobnicate.b32', of which is not known what it needs");
  EXPECT_EQ(required("call void %p()", "", "sm_80"), "'k' calls through a pointer");
}
