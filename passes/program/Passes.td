//===- Passes.td - state and loops ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_PASSES_PROGRAM_PASSES
#define TENON_PASSES_PROGRAM_PASSES

include "mlir/Pass/PassBase.td"

def VerifyProgramPass : Pass<"tenon-verify-program", "::mlir::ModuleOp"> {
  let summary = "checks the contract of the program level";
  let description = [{
    One position serves all state slots of a session: the runtime advances it by the number of tokens after a call. So, followed through
    calls from each entry,

    * an entry that uses state writes every slot of the module exactly once (`cache.append`, `cache.write`);
    * a slot that grows is written before its contents are read (`cache.view`), and measured before that;
    * a slot that does not grow is read before it is written, since kernels change it in place;
    * marks, rewinds and forks are the runtime's, and stand in no entry;
    * the step of a generate loop is an entry.

    All violations are reported, each with the model path.
  }];
}

#endif // TENON_PASSES_PROGRAM_PASSES
