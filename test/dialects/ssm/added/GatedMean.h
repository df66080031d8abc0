//===- GatedMean.h - means by exponential gates ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "tenon/dialects/ssm/Ssm.h"

#define GET_OP_CLASSES
#include "GatedMean.h.inc"
