//===- Ops.td - all op families of decode ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_DIALECTS_DECODE_OPS
#define TENON_DIALECTS_DECODE_OPS

include "tenon/dialects/decode/Generate.td"
include "tenon/dialects/decode/Sample.td"

#endif // TENON_DIALECTS_DECODE_OPS
