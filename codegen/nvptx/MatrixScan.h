//===- MatrixScan.h - recurrences with a matrix for each head, on a GPU ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "tenon/codegen/nvptx/GpuTeam.h"
#include "tenon/dialects/ssm/MatrixRecurrence.h"

namespace tenon::codegen::nvptx {

mlir::LogicalResult emitMatrixScan(GpuKernelFrame &frame, const ssm::MatrixRecurrence &recurrence, tile::ScheduleAttr schedule);

} // namespace tenon::codegen::nvptx
