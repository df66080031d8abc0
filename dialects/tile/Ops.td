//===- Ops.td - all op families of tile ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_DIALECTS_TILE_OPS
#define TENON_DIALECTS_TILE_OPS

include "tenon/dialects/tile/IntDot.td"
include "tenon/dialects/tile/Kernel.td"
include "tenon/dialects/tile/Lookup.td"

#endif // TENON_DIALECTS_TILE_OPS
