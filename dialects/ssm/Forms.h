//===- Forms.h - the forms of a recurrence ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "tenon/dialects/ssm/Ssm.h"

namespace tenon::ssm {

/// How a recurrence is computed: its step on the one row that there is; the step on each row in order; rows in groups, each by a closed
/// form or as a prefix; all rows as a prefix of an associative operation.
enum class Form { step, sequential, chunked, prefix };

/// The form of that name, or nothing.
std::optional<Form> formOf(llvm::StringRef name);
llvm::StringRef nameOf(Form form);

/// Builds what computes the op's results from these operands in a form, with `chunk` rows in a group. Where the op has no such form nothing
/// is built, and `reason` says why.
std::optional<llvm::SmallVector<mlir::Value>> buildForm(mlir::OpBuilder &builder, RecurrenceOpInterface op, mlir::ValueRange operands,
                                                        Form form, int64_t chunk, std::string &reason);

} // namespace tenon::ssm
