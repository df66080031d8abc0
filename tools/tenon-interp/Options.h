//===- Options.h - the command line of tenon-interp ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "tenon/dialects/nn/NN.h"

#include <string>
#include <vector>

namespace tenon {

/// `--input=NAME=VALUE` and its like.
struct Binding {
  std::string name, value;
};

/// What the user asked for; the options are those of tenon-run.
struct InterpOptions {
  std::string file;
  /// Generation: exactly one of these, unless an entry is called.
  std::string tokens, prompt, promptFile, chat;
  std::string logits;
  bool printTokens = false;
  /// -1: until the model ends or the context is full.
  int64_t maxTokens = -1;
  float temperature = 0, topP = 1, minP = 0;
  int64_t topK = 0;
  uint64_t seed = 0;
  /// One call.
  std::string entry;
  std::vector<Binding> inputs, outputs, expected;
  double tolerance = 1e-4;
  /// Stop at the first op that gives a number that is not finite.
  bool checkFinite = false;
  /// How a GGUF model's quantised linears read their input.
  nn::Activation activations = nn::Activation::q8;
};

/// The meaning of the exit codes, as of all tools.
enum ExitCode { exitOk = 0, exitUsage = 1, exitUnsupported = 2, exitMismatch = 3, exitInternal = 70 };

/// Reads the command line; prints what is wrong and returns false on a usage error.
bool parseOptions(int argc, char **argv, InterpOptions &options);

/// Prints `tenon-interp: MESSAGE` to stderr and returns the code.
int fail(ExitCode code, const llvm::Twine &message);

} // namespace tenon
