//===- main.cpp - tenon-inspect: what is in an artifact ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Example: tenon-inspect smollm2.tenon

#include "Artifact.h"

#include "llvm/Support/CommandLine.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace tenon::inspect;

enum ExitCode { Success = 0, UsageError = 1, UnsupportedInput = 2 };

static cl::OptionCategory category("tenon-inspect options");
static cl::opt<std::string> input(cl::Positional, cl::desc("FILE"), cl::cat(category));
static cl::opt<bool> asJson("json", cl::desc("Print one JSON object"), cl::cat(category));

int main(int argc, char **argv) {
  cl::HideUnrelatedOptions(category);
  cl::SetVersionPrinter([](raw_ostream &stream) { stream << "tenon 0.1.0\n"; });
  cl::ParseCommandLineOptions(argc, argv, "Prints what is in an artifact\n\nexample: tenon-inspect smollm2.tenon --json\n");
  if (input.empty()) {
    errs() << "error: expects an artifact: tenon-inspect smollm2.tenon\n";
    return UsageError;
  }
  Expected<std::unique_ptr<Artifact>> artifact = Artifact::open(input);
  if (!artifact) {
    errs() << "error: " << toString(artifact.takeError()) << '\n';
    return UnsupportedInput;
  }
  if (asJson)
    printJson(outs(), **artifact);
  else
    printText(outs(), **artifact, input);
  return Success;
}
