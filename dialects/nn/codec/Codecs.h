//===- Codecs.h - the codecs that the table of block formats lists ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "tenon/dialects/nn/BlockCodec.h"

namespace tenon::codec {

extern const BlockCodec q4_0;
extern const BlockCodec q4_1;
extern const BlockCodec q8_0;
extern const BlockCodec a8;
extern const BlockCodec a16;

} // namespace tenon::codec
