//===- Options.cpp - the command line of tenon-interp ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Options.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace tenon;

namespace {
cl::OptionCategory category("tenon-interp");

cl::opt<std::string> file(cl::Positional, cl::Required, cl::desc("MODEL"), cl::cat(category));
cl::opt<std::string> tokens("tokens", cl::desc("continue these tokens: 5,17,3"), cl::cat(category));
cl::opt<std::string> prompt("prompt", cl::desc("continue this text"), cl::cat(category));
cl::opt<std::string> promptFile("prompt-file", cl::desc("continue the contents of a file"), cl::cat(category));
cl::opt<std::string> chat("chat", cl::desc("answer this text as a chat's first message"), cl::cat(category));
cl::opt<std::string> logits("logits", cl::desc("write the logits after every token of the input to this .npy file"), cl::cat(category));
cl::opt<bool> printTokens("print-tokens", cl::desc("print the generated ids instead of text"), cl::cat(category));
cl::opt<int64_t> maxTokens("max-tokens", cl::desc("default: until the model ends or the context is full"), cl::init(-1), cl::cat(category));
cl::opt<float> temperature("temperature", cl::desc("default 0: always the likeliest token"), cl::cat(category));
cl::opt<int64_t> topK("top-k", cl::desc("keep this many candidates"), cl::cat(category));
cl::opt<float> topP("top-p", cl::desc("keep candidates up to this probability"), cl::init(1), cl::cat(category));
cl::opt<float> minP("min-p", cl::desc("keep candidates of this share of the likeliest"), cl::cat(category));
cl::opt<uint64_t> seed("seed", cl::desc("of the random numbers"), cl::cat(category));
cl::opt<std::string> entry("entry", cl::desc("call this function"), cl::cat(category));
cl::list<std::string> inputs("input", cl::desc("NAME=1x4xf32=1,2,3,4 or NAME=@FILE.npy"), cl::cat(category));
cl::list<std::string> outputs("output", cl::desc("NAME=@FILE.npy: write an output (default: print all)"), cl::cat(category));
cl::list<std::string> expected("expected", cl::desc("NAME=VALUE: compare an output; differences exit with 3"), cl::cat(category));
cl::opt<double> tolerance("tolerance", cl::desc("largest absolute difference allowed (default 1e-4)"), cl::init(1e-4), cl::cat(category));
cl::opt<bool> checkFinite("check-finite", cl::desc("name the first op that gives a number that is not finite, and exit with 3"),
                          cl::cat(category));
cl::opt<nn::Activation> activations("activations", cl::desc("how quantised linears of a GGUF model read their input"),
                                    cl::init(nn::Activation::q8), cl::cat(category),
                                    cl::values(clEnumValN(nn::Activation::q8, "q8", "int8 blocks (default)"),
                                               clEnumValN(nn::Activation::q16, "q16", "two int8 planes"),
                                               clEnumValN(nn::Activation::f32, "f32", "exact")));

/// Splits NAME=VALUE of each text; false if one has no name or no value.
bool split(StringRef option, ArrayRef<std::string> texts, std::vector<Binding> &bindings) {
  for (StringRef text : texts) {
    auto [name, value] = text.split('=');
    if (name.empty() || value.empty()) {
      fail(exitUsage, "--" + option + " expects NAME=VALUE, but got '" + text + "'");
      return false;
    }
    bindings.push_back({name.str(), value.str()});
  }
  return true;
}
} // namespace

int tenon::fail(ExitCode code, const Twine &message) {
  errs() << "tenon-interp: " << message << '\n';
  return code;
}

bool tenon::parseOptions(int argc, char **argv, InterpOptions &options) {
  cl::HideUnrelatedOptions(category);
  if (!cl::ParseCommandLineOptions(argc, argv,
                                   "Runs a model (GGUF or MLIR) by the evaluator: exact, slow, in double precision\n\n"
                                   "example: tenon-interp model.gguf --tokens=5,17,3 --max-tokens=8 --print-tokens\n",
                                   &errs()))
    return false;
  options = {.file = file,
             .tokens = tokens,
             .prompt = prompt,
             .promptFile = promptFile,
             .chat = chat,
             .logits = logits,
             .printTokens = printTokens,
             .maxTokens = maxTokens,
             .temperature = temperature,
             .topP = topP,
             .minP = minP,
             .topK = topK,
             .seed = seed,
             .entry = entry,
             .inputs = {},
             .outputs = {},
             .expected = {},
             .tolerance = tolerance,
             .checkFinite = checkFinite,
             .activations = activations};
  int asked = tokens.getNumOccurrences() + prompt.getNumOccurrences() + promptFile.getNumOccurrences() + chat.getNumOccurrences() +
              entry.getNumOccurrences();
  if (asked != 1) {
    fail(exitUsage, "expects one of --tokens, --prompt, --prompt-file, --chat and --entry");
    return false;
  }
  if (maxTokens.getNumOccurrences() > 0 && maxTokens < 0) {
    fail(exitUsage, "--max-tokens expects a whole number of at least 0, but got " + Twine(maxTokens));
    return false;
  }
  return split("input", inputs, options.inputs) && split("output", outputs, options.outputs) &&
         split("expected", expected, options.expected);
}
