//===- Panels.cpp - weights as panels of sixteen channels -------*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/codegen/package/Panels.h"

#include "llvm/ADT/STLExtras.h"
#include <cstring>

namespace tenon::codegen {

/// Transposes sixteen rows of `count` words of type Word; words of absent channels are `absent`, present ones are xored with `flip`.
template <typename Word>
static void transpose(const uint8_t *blocks, int64_t stride, int64_t channels, int64_t count, uint8_t *packed, Word flip = 0,
                      Word absent = 0) {
  for (int64_t word = 0; word < count; ++word)
    for (int64_t channel = 0; channel < panelChannels; ++channel) {
      Word value = absent;
      if (channel < channels) {
        std::memcpy(&value, blocks + channel * stride + word * sizeof(Word), sizeof(Word));
        value ^= flip;
      }
      std::memcpy(packed + (word * panelChannels + channel) * sizeof(Word), &value, sizeof(Word));
    }
}

/// Plain values: the block is one element.
template <typename Word> static void packValues(const uint8_t *blocks, int64_t stride, int64_t channels, uint8_t *packed) {
  transpose<Word>(blocks, stride, channels, 1, packed);
}

/// File blocks are `scales` halfs and sixteen bytes whose halves are already the elements j and j + 16.
template <int scales> static void packNibbles(const uint8_t *blocks, int64_t stride, int64_t channels, uint8_t *packed) {
  transpose<uint32_t>(blocks + 2 * scales, stride, channels, 4, packed);
  transpose<uint16_t>(blocks, stride, channels, scales, packed + 4 * 64);
}

/// File blocks are one half and 32 signed bytes.
static void packBytes(const uint8_t *blocks, int64_t stride, int64_t channels, uint8_t *packed) {
  constexpr uint32_t bias = 0x80808080;
  transpose<uint32_t>(blocks + 2, stride, channels, 8, packed, bias, bias);
  transpose<uint16_t>(blocks, stride, channels, 1, packed + 8 * 64);
}

static constexpr PanelFormat formats[] = {
    {"f32", 1, 4, 64, packValues<uint32_t>},    {"f16", 1, 2, 32, packValues<uint16_t>},
    {"bf16", 1, 2, 32, packValues<uint16_t>},   {"q4_0", 32, 18, 288, packNibbles<1>},
    {"q4_1", 32, 20, 320, packNibbles<2>},      {"q8_0", 32, 34, 544, packBytes},
};

const PanelFormat *findPanelFormat(llvm::StringRef name) {
  const auto *it = llvm::find_if(formats, [&](const PanelFormat &format) { return format.name == name; });
  return it == std::end(formats) ? nullptr : it;
}

void packPanel(const PanelFormat &format, const uint8_t *rows, int64_t channels, int64_t columns, uint8_t *panel) {
  int64_t stride = format.rowBytes(columns);
  for (int64_t block = 0, count = columns / format.blockElements; block < count; ++block)
    format.pack(rows + block * format.blockBytes, stride, channels, panel + block * format.packedBytes);
}

} // namespace tenon::codegen
