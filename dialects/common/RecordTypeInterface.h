//===- RecordTypeInterface.h - values of a record a row ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "mlir/IR/Types.h"

#include "tenon/dialects/common/RecordTypeInterface.h.inc"
