//===- RecurrenceInterface.td - a recurrence by its step ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_DIALECTS_SSM_RECURRENCEINTERFACE
#define TENON_DIALECTS_SSM_RECURRENCEINTERFACE

include "mlir/IR/OpBase.td"

def RecurrenceOpInterface : OpInterface<"RecurrenceOpInterface"> {
  let cppNamespace = "::tenon::ssm";
  let description = [{
    A recurrence over the rows of its sequences. The step alone defines it; the evaluator runs nothing else. What is optional gives other
    ways to the same numbers: an associative form (a row is an element, elements combine, and a combined element meets the first state), and
    a closed form of many rows at once. All are built as nn and ssm ops; operands come in the order of `getSequences`, `getFixed` and
    `getStates`, those that are absent left out, and in f32 whatever they are to the op (`ssm.scan` has a region with types of its own).
  }];
  let methods = [
    InterfaceMethod<"The operands that are there.", "::llvm::SmallVector<::tenon::ssm::NamedOperand>", "getNamedOperands">,
    InterfaceMethod<"Operands with a row for each token.", "::llvm::SmallVector<::mlir::Value>", "getSequences", (ins), [{}],
        [{ return ::tenon::ssm::valuesOf($_op.getNamedOperands(), ::tenon::ssm::Role::sequence); }]>,
    InterfaceMethod<"Operands that are the same for every row.", "::llvm::SmallVector<::mlir::Value>", "getFixed", (ins), [{}],
        [{ return ::tenon::ssm::valuesOf($_op.getNamedOperands(), ::tenon::ssm::Role::fixed); }]>,
    InterfaceMethod<"The states before the first row.", "::llvm::SmallVector<::mlir::Value>", "getStates", (ins), [{}],
        [{ return ::tenon::ssm::valuesOf($_op.getNamedOperands(), ::tenon::ssm::Role::state); }]>,
    InterfaceMethod<"The sequences that the op gives.", "::mlir::ResultRange", "getOutputs", (ins), [{}],
        [{ return $_op->getResults().drop_back($_op.getStates().size()); }]>,
    InterfaceMethod<"The states after the last row.", "::mlir::ResultRange", "getNextStates", (ins), [{}],
        [{ return $_op->getResults().take_back($_op.getStates().size()); }]>,
    InterfaceMethod<"The name of the operand that holds decays as logarithms, which are at most 0; empty if there is none.",
        "::llvm::StringRef", "getLogDecayName", (ins), [{}], [{ return ""; }]>,
    InterfaceMethod<"The range that values of an operand are drawn from where forms are compared; logarithms of decays have their own.",
        "std::pair<double, double>", "getSampleRange", (ins "::llvm::StringRef":$operand), [{}], [{ return {-1, 1}; }]>,
    InterfaceMethod<"Builds the graph of one row: slices are of shape [1, ...].", "::tenon::ssm::Step", "buildStep",
        (ins "::mlir::OpBuilder &":$builder, "::mlir::Location":$loc, "::mlir::ValueRange":$slices, "::mlir::ValueRange":$fixed,
             "::mlir::ValueRange":$states)>,
    InterfaceMethod<"Builds a closed form of any number of rows, at least 1; nothing if there is none.",
        "std::optional<::tenon::ssm::Step>", "buildChunk",
        (ins "::mlir::OpBuilder &":$builder, "::mlir::Location":$loc, "::mlir::ValueRange":$slices, "::mlir::ValueRange":$fixed,
             "::mlir::ValueRange":$states), [{}], [{ return std::nullopt; }]>,
    InterfaceMethod<"Builds the rows' elements, each of shape [rows, ...]; nothing if the recurrence is not associative.",
        "::llvm::SmallVector<::mlir::Value>", "buildElements",
        (ins "::mlir::OpBuilder &":$builder, "::mlir::Location":$loc, "::mlir::ValueRange":$slices, "::mlir::ValueRange":$fixed),
        [{}], [{ return {}; }]>,
    InterfaceMethod<"Builds, row by row, the element that does what `first` and then `second` do.", "::llvm::SmallVector<::mlir::Value>",
        "buildCombine",
        (ins "::mlir::OpBuilder &":$builder, "::mlir::Location":$loc, "::mlir::ValueRange":$first, "::mlir::ValueRange":$second),
        [{}], [{ return {}; }]>,
    InterfaceMethod<"Builds outputs and last states from the first states and, for each row, the element of all rows up to it.",
        "::tenon::ssm::Step", "buildApply",
        (ins "::mlir::OpBuilder &":$builder, "::mlir::Location":$loc, "::mlir::ValueRange":$slices, "::mlir::ValueRange":$fixed,
             "::mlir::ValueRange":$states, "::mlir::ValueRange":$elements), [{}], [{ return {}; }]>];
  let verify = [{ return ::tenon::ssm::verifyRecurrence($_op); }];
}

#endif // TENON_DIALECTS_SSM_RECURRENCEINTERFACE
