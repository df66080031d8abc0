//===- Codecs.h - the codecs that the table of block formats lists ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "tenon/dialects/nn/BlockCodec.h"

namespace tenon::codec {

extern const BlockCodec q4_0, q4_1, q5_0, q5_1, q8_0;
extern const BlockCodec q2_k, q3_k, q4_k, q5_k, q6_k;
extern const BlockCodec iq4_nl, iq4_xs, mxfp4, tq1_0, tq2_0;
extern const BlockCodec a8, a16;

} // namespace tenon::codec
