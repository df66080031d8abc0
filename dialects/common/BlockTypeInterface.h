//===- BlockTypeInterface.h - element types that are stored in blocks ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "mlir/IR/Types.h"

#include "tenon/dialects/common/BlockTypeInterface.h.inc"
