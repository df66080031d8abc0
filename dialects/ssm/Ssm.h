//===- Ssm.h - recurrences over the rows of a sequence ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "tenon/dialects/nn/NN.h"

namespace tenon::ssm {

/// What an operand of a recurrence is to it.
enum class Role { sequence, fixed, state };

/// An operand that is there, with its name and the letters of its dimensions (none if the op's shapes have no letters).
struct NamedOperand {
  llvm::StringRef name;
  llvm::SmallVector<llvm::StringRef, 4> dims;
  Role role;
  mlir::Value value;
};

/// What a step gives: rows of the outputs and the states after them.
struct Step {
  llvm::SmallVector<mlir::Value> outputs;
  llvm::SmallVector<mlir::Value> states;
};

/// The operands that are there of an op whose shapes are written as in `SSM_Recurrence`, which holds them in the same order.
llvm::SmallVector<NamedOperand> namedOperands(llvm::StringRef shapes, llvm::function_ref<mlir::ValueRange(unsigned)> operandsAt);
/// The values of one role, in order.
llvm::SmallVector<mlir::Value> valuesOf(llvm::ArrayRef<NamedOperand> operands, Role role);
/// Checks the operands against their shapes, and decays that are constants.
llvm::LogicalResult verifyRecurrence(mlir::Operation *op);
/// Checks that heads, the second dimension of `ofHeads`, are a multiple of the groups of `ofGroups`.
llvm::LogicalResult verifyGroups(mlir::Operation *op, mlir::Value ofHeads, mlir::Value ofGroups);
/// The type of a row for each token, each as large as the state, which is the last of the operands.
mlir::Type rowsOfStates(mlir::ValueRange operands);
/// The place among the op's operands of one of them.
unsigned operandNumber(mlir::Operation *op, mlir::Value operand);
/// The rows that a recurrence is over, or a dynamic dimension.
int64_t rowsOf(mlir::Operation *op);
/// The type of as many rows of a sequence.
mlir::RankedTensorType withRows(mlir::Type type, int64_t rows);
/// `count` rows of a dense tensor from `first` on.
EvalTensor rowsFrom(const EvalTensor &tensor, int64_t first, int64_t count);

} // namespace tenon::ssm

#include "tenon/dialects/ssm/Dialect.h.inc"
#include "tenon/dialects/ssm/Enums.h.inc"
#include "tenon/dialects/ssm/RecurrenceInterface.h.inc"

namespace tenon::ssm {
/// The type of an operand as a step takes it: in f32, as steps compute, but for a scan, whose region has types of its own.
mlir::RankedTensorType typeInStep(RecurrenceOpInterface op, mlir::Value operand);
/// Makes an empty block the graph of a step: its arguments are slices of one row, fixed operands and states. It has no terminator.
Step buildStepIn(mlir::Block &block, RecurrenceOpInterface op);
/// Runs the step on the rows in order; nothing else of the op is looked at.
llvm::LogicalResult evaluateByStep(RecurrenceOpInterface op, EvalContext &context, llvm::ArrayRef<EvalValue> operands,
                                   llvm::SmallVectorImpl<EvalValue> &results);
/// Runs a region on the rows of the sequences, `chunk` at a time, from the states on; appends outputs and last states.
llvm::LogicalResult evaluateRows(mlir::Operation *op, mlir::Region &step, int64_t chunk, EvalContext &context,
                                 llvm::ArrayRef<EvalValue> sequences, llvm::ArrayRef<EvalValue> fixed, llvm::ArrayRef<EvalValue> states,
                                 llvm::SmallVectorImpl<EvalValue> &results);
} // namespace tenon::ssm

#define GET_ATTRDEF_CLASSES
#include "tenon/dialects/ssm/Attrs.h.inc"
#define GET_OP_CLASSES
#include "tenon/dialects/ssm/Ops.h.inc"
