//===- Block.h - the decoder block that families choose parts of ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The decoder block that the builder can emit:
//
//   h = x + attention(norm(x));  y = h + feed_forward(norm(h))
//
// What differs between families is an option here or a parameter that is there or not. Descriptors name both;
// whatever they name is looked up in these tables, so a part that no table has is an error message.

#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"

#include <optional>
#include <string>

namespace tenon {

enum class NormKind { Rms, Layer };
/// Gated: down(f(gate(x)) * up(x)). Plain: down(f(up(x))).
enum class FeedForwardKind { Gated, Plain };
enum class FeedForwardFunction { Silu, Gelu, GeluTanh, Relu, Relu2 };
/// Which elements of a head are rotated together; see nn.rope.
enum class RopeKind { None, Interleaved, Half };

/// The parts of a block that are not parameters. All must be chosen, by the family or by its source.
struct BlockOptions {
  std::optional<NormKind> norm;
  std::optional<FeedForwardKind> feedForward;
  std::optional<FeedForwardFunction> function;
  std::optional<RopeKind> rope;

  /// Sets the option of that name ("norm", "feed_forward", "function", "rope") to the part of that name; false
  /// if there is no such option or part.
  bool set(llvm::StringRef option, llvm::StringRef part);
  /// The parts that an option can have, separated by commas; empty if there is no such option.
  static std::string partsOf(llvm::StringRef option);
  /// Every option's name, separated by commas.
  static std::string names();
  /// The name of an option that is not chosen, or empty.
  llvm::StringRef missing() const;
};

/// The roles that parameters can have: "embedding.weight", and "query.weight" in each layer.
llvm::ArrayRef<llvm::StringRef> modelRoles();
llvm::ArrayRef<llvm::StringRef> layerRoles();

/// The roles without which a block of these options cannot be built.
llvm::SmallVector<llvm::StringRef> requiredModelRoles(const BlockOptions &block);
llvm::SmallVector<llvm::StringRef> requiredLayerRoles(const BlockOptions &block);

/// The names of the numbers that the builder reads. A descriptor defines the required ones
/// and may define the others.
llvm::ArrayRef<llvm::StringRef> requiredSizes();
llvm::ArrayRef<llvm::StringRef> optionalSizes();
llvm::ArrayRef<llvm::StringRef> requiredReals();
llvm::ArrayRef<llvm::StringRef> optionalReals();

} // namespace tenon
