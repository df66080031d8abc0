//===- DecayingSum.h - states that are sums of decaying terms ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Where a row multiplies the state by exp of a logarithm, element by element, and adds to it, rows are associative: an element is the pair
// (logarithm of the decay, what is added), and `first` then `second` is (l1 + l2, exp(l2) u1 + u2). No element grows beyond its terms,
// whatever the decays are.
//

#pragma once

#include "tenon/dialects/ssm/Ssm.h"

namespace tenon::ssm {

class Graph;

/// The combined element of two.
llvm::SmallVector<mlir::Value> combineDecayingSums(Graph &graph, mlir::ValueRange first, mlir::ValueRange second);
/// The state after each row, [T, ...], from the first state and the elements of all rows up to each.
mlir::Value statesAfterRows(Graph &graph, mlir::Value state, mlir::ValueRange elements);
/// The state before each row.
mlir::Value statesBeforeRows(Graph &graph, mlir::Value state, mlir::Value after);
/// The last of the states, or the first state if there is no row.
mlir::Value lastState(Graph &graph, mlir::Value state, mlir::Value after);

} // namespace tenon::ssm
