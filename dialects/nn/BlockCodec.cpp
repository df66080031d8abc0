//===- BlockCodec.cpp - the table of block formats ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/nn/BlockCodec.h"
#include "tenon/dialects/nn/codec/Codecs.h"

using namespace tenon;

// Weights first, in the order of GGUF's numbers; then what activations are rounded to.
static const BlockCodec *const table[] = {
    &codec::q4_0, &codec::q4_1,   &codec::q5_0,   &codec::q5_1,  &codec::q8_0,  &codec::q2_k,  &codec::q3_k, &codec::q4_k, &codec::q5_k,
    &codec::q6_k, &codec::iq4_nl, &codec::iq4_xs, &codec::tq1_0, &codec::tq2_0, &codec::mxfp4, &codec::a8,   &codec::a16,
};

llvm::ArrayRef<const BlockCodec *> tenon::allBlockCodecs() {
  return table;
}

const BlockCodec *tenon::findBlockCodec(llvm::StringRef name) {
  for (const BlockCodec *codec : table)
    if (codec->name == name)
      return codec;
  return nullptr;
}

const BlockCodec *tenon::findBlockCodecByGgmlType(uint32_t ggmlType) {
  for (const BlockCodec *codec : table)
    if (codec->ggmlType >= 0 && static_cast<uint32_t>(codec->ggmlType) == ggmlType)
      return codec;
  return nullptr;
}
