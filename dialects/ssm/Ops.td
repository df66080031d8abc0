//===- Ops.td - all op families of ssm ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_DIALECTS_SSM_OPS
#define TENON_DIALECTS_SSM_OPS

include "tenon/dialects/ssm/CausalConv.td"
include "tenon/dialects/ssm/DeltaRule.td"
include "tenon/dialects/ssm/LinearAttention.td"
include "tenon/dialects/ssm/Lru.td"
include "tenon/dialects/ssm/Lti.td"
include "tenon/dialects/ssm/Projection.td"
include "tenon/dialects/ssm/Scan.td"
include "tenon/dialects/ssm/SelectiveScan.td"
include "tenon/dialects/ssm/Ssd.td"
include "tenon/dialects/ssm/Wkv.td"

#endif // TENON_DIALECTS_SSM_OPS
