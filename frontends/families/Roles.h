//===- Roles.h - the parameters of a block ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The roles that parameters have in the block, "query.weight", each with its shape and with what makes it necessary. A descriptor names
// the tensors that feed them.

#pragma once

#include "tenon/frontends/families/Numbers.h"

namespace tenon {

/// When a model must have a role's parameter.
enum class RoleNeed {
  /// The block cannot be built without it.
  Always,
  /// If the descriptor says which tensor feeds it: a norm that a family does not have is not named.
  IfNamed,
  /// If the files have its tensor.
  Optional
};

/// A row of the table of roles. The first row of a role that applies to a block's options describes the role there; a role without such
/// a row has no part in the block.
struct RoleSpec {
  llvm::StringRef role;
  /// An expression for each dimension, slowest first, separated by commas.
  llvm::StringRef shape;
  RoleNeed need;
  /// Null for every block.
  bool (*applies)(const BlockOptions &block, const ModelConfig &config);
};

llvm::ArrayRef<RoleSpec> modelRoleSpecs();
llvm::ArrayRef<RoleSpec> layerRoleSpecs();

/// Every role's name once.
llvm::SmallVector<llvm::StringRef> roleNames(llvm::ArrayRef<RoleSpec> specs);

/// The row that describes the role in this block, or null.
const RoleSpec *findRole(llvm::ArrayRef<RoleSpec> specs, llvm::StringRef role, const BlockOptions &block, const ModelConfig &config);

} // namespace tenon
