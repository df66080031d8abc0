//===- Ops.td - the ops of the dialect rt, by family ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_DIALECTS_RT_OPS
#define TENON_DIALECTS_RT_OPS

include "tenon/dialects/rt/Buffers.td"

#endif // TENON_DIALECTS_RT_OPS
