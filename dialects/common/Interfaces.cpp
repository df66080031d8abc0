//===- Interfaces.cpp - the interfaces that dialects share ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/common/BlockTypeInterface.h"
#include "tenon/dialects/common/ElementwiseInterface.h"
#include "tenon/dialects/common/Eval.h"
#include "tenon/dialects/common/RecordTypeInterface.h"

#include "tenon/dialects/common/BlockTypeInterface.cpp.inc"
#include "tenon/dialects/common/ElementwiseInterface.cpp.inc"
#include "tenon/dialects/common/EvalInterface.cpp.inc"
#include "tenon/dialects/common/RecordTypeInterface.cpp.inc"
