//===- Options.cpp - the command line of tenon-verify ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Options.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace tenon;

namespace {
cl::OptionCategory category("tenon-verify");

cl::opt<std::string> file(cl::Positional, cl::Required, cl::desc("MODEL"), cl::cat(category));
cl::list<int32_t> tokens("tokens", cl::CommaSeparated, cl::desc("ids for token inputs (default: spread over the vocabulary)"),
                         cl::cat(category));
cl::opt<int64_t> dynamicSize("count", cl::desc("size of dynamic dimensions without --tokens (default 7)"), cl::init(7),
                       cl::cat(category));
cl::opt<uint64_t> seed("seed", cl::desc("of random inputs (default 1)"), cl::init(1), cl::cat(category));
cl::opt<std::string> target("target", cl::desc("one target to compile for (default native)"), cl::init("native"),
                            cl::cat(category));
cl::opt<double> tolerance("tolerance",
                          cl::desc("largest relative error allowed (default 1e-4 for exact activations, 3e-2 for rounded ones)"),
                          cl::init(0), cl::cat(category));
cl::opt<nn::Activation> activations("activations", cl::desc("how quantised linears of a GGUF model read their input"),
                                    cl::init(nn::Activation::q8), cl::cat(category),
                                    cl::values(clEnumValN(nn::Activation::q8, "q8", "int8 blocks (default)"),
                                               clEnumValN(nn::Activation::q16, "q16", "two int8 planes"),
                                               clEnumValN(nn::Activation::f32, "f32", "exact")));
cl::opt<bool> json("json", cl::desc("print JSON instead of a table"), cl::cat(category));
} // namespace

bool verify::parseOptions(int argc, char **argv, Options &options) {
  cl::HideUnrelatedOptions(category);
  if (!cl::ParseCommandLineOptions(
          argc, argv,
          "Compares a compiled model with the evaluator, entry by entry and layer by layer\n\n"
          "The model is compiled, run, and evaluated in double precision on the same inputs. An error is the root mean\n"
          "square of the difference over that of the evaluator's value. Exit code 3 says that one is over the tolerance.\n\n"
          "example: tenon-verify model.gguf --count=16 --activations=f32\n",
          &errs()))
    return false;
  options = {.file = file, .tokens = {tokens.begin(), tokens.end()}, .count = dynamicSize, .seed = seed, .target = target,
             .tolerance = tolerance, .activations = activations, .json = json};
  if (dynamicSize < 0 || dynamicSize > 1 << 20) {
    errs() << "tenon-verify: --count expects 0 to 1048576, but got " << dynamicSize << '\n';
    return false;
  }
  return true;
}
