//===- Facts.h - what an artifact says about its model ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The one collection of facts that the descriptor in the code (runtime/abi.h), manifest.json and the packing of weights are made from. It
// is read off a planned module: launches outlined, weights assigned, arena planned.
//
//===----------------------------------------------------------------------===//

#ifndef TENON_CODEGEN_PACKAGE_FACTS_H
#define TENON_CODEGEN_PACKAGE_FACTS_H

#include "mlir/IR/BuiltinOps.h"
#include "tenon/codegen/package/Launches.h"
#include "tenon/codegen/package/Weights.h"
#include <optional>

namespace tenon::codegen {

/// A tensor at an entry. A negative dimension -1-k is symbol k, as in the ABI.
struct TensorFact {
  std::string name;
  int32_t dtype; ///< TENON_ABI_F32, ...
  llvm::SmallVector<int64_t> dims;
};

/// A number of bytes: constant + perToken * tokens.
struct ExtentFact {
  int64_t constant, perToken;
  int64_t at(int64_t tokens) const { return constant + perToken * tokens; }
};

struct EntryFact {
  std::string name; ///< also of its function
  bool stateful;
  std::vector<TensorFact> inputs, outputs;
  ExtentFact arena;
  std::vector<LaunchFact> launches;
};

struct StateFact {
  std::string name;
  std::string type; ///< as MLIR spells it
  int64_t kind;     ///< TENON_ABI_STATE_*
  int64_t blockPositions, bytes;
};

struct GenerateFact {
  int64_t stepEntry, forwardEntry; ///< -1: none
  int64_t vocabulary, context;
  int64_t bos; ///< -1: none
  std::vector<int32_t> eos;
};

struct ModuleFacts {
  std::string name;
  std::string sourceHash;
  std::string compiler;
  int64_t parameters = 0; ///< number of weights of all packed parameters
  uint64_t weightsBytes = 0;
  /// Of weights that a step reads: of experts those that a token has, of tables of which it picks rows nothing.
  uint64_t stepBytes = 0;
  std::vector<PackedWeight> weights; ///< by offset
  std::vector<EntryFact> entries;
  std::vector<StateFact> states;
  std::optional<GenerateFact> generate;

  /// Bytes of all state slots when `positions` are in them.
  int64_t stateBytes(int64_t positions) const;
};

/// Reads the facts off a planned module. Relative sources of parameters are looked for in `folder`. Failures are reported at the
/// operation concerned.
mlir::FailureOr<ModuleFacts> collectFacts(mlir::ModuleOp module, llvm::StringRef folder);

/// How a weight lies in the packed file, for people: "q4_1 panels<16>", "f32".
std::string formatText(const PackedWeight &weight);

} // namespace tenon::codegen

#endif // TENON_CODEGEN_PACKAGE_FACTS_H
