//===- Ops.td - all op families of nn ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_DIALECTS_NN_OPS
#define TENON_DIALECTS_NN_OPS

include "tenon/dialects/nn/Activation.td"
include "tenon/dialects/nn/Attention.td"
include "tenon/dialects/nn/Broadcast.td"
include "tenon/dialects/nn/Elementwise.td"
include "tenon/dialects/nn/Linear.td"
include "tenon/dialects/nn/Norm.td"
include "tenon/dialects/nn/Param.td"
include "tenon/dialects/nn/Position.td"
include "tenon/dialects/nn/Quantize.td"
include "tenon/dialects/nn/Reduce.td"
include "tenon/dialects/nn/Rope.td"
include "tenon/dialects/nn/Shape.td"
include "tenon/dialects/nn/Triangle.td"

#endif // TENON_DIALECTS_NN_OPS
