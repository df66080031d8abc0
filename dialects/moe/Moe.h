//===- Moe.h - tokens and their experts ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "tenon/dialects/common/RecordTypeInterface.h"
#include "tenon/dialects/nn/NN.h"

#include "tenon/dialects/moe/Dialect.h.inc"
#include "tenon/dialects/moe/Enums.h.inc"

#define GET_ATTRDEF_CLASSES
#include "tenon/dialects/moe/Attrs.h.inc"
#define GET_TYPEDEF_CLASSES
#include "tenon/dialects/moe/Types.h.inc"
#define GET_OP_CLASSES
#include "tenon/dialects/moe/Ops.h.inc"
