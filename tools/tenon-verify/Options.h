//===- Options.h - the command line of tenon-verify ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "tenon/dialects/nn/NN.h"

#include <string>
#include <vector>

namespace tenon::verify {

struct Options {
  std::string file;
  /// Ids for token inputs; empty: spread over the vocabulary.
  std::vector<int32_t> tokens;
  /// The size of every dynamic dimension, when no tokens are given.
  int64_t count = 7;
  uint64_t seed = 1;
  std::string target = "native";
  /// Largest relative error allowed; 0: by whether activations are rounded.
  double tolerance = 0;
  nn::Activation activations = nn::Activation::q8;
  bool json = false;
};

/// Reads the command line; prints what is wrong and returns false on a usage error.
bool parseOptions(int argc, char **argv, Options &options);

} // namespace tenon::verify
