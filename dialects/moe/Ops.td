//===- Ops.td - all ops of moe ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_DIALECTS_MOE_OPS
#define TENON_DIALECTS_MOE_OPS

include "tenon/dialects/moe/Experts.td"
include "tenon/dialects/moe/Route.td"

#endif // TENON_DIALECTS_MOE_OPS
