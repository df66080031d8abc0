//===- Panels.cpp - weights as panels of sixteen channels -------*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/codegen/package/Panels.h"

#include "llvm/ADT/STLExtras.h"
#include <cstring>
#include <vector>

namespace tenon::codegen {

/// One k of plain values.
template <typename Word> static void packValues(const uint8_t *values, int64_t stride, int64_t channels, uint8_t *packed) {
  for (int64_t channel = 0; channel < panelChannels; ++channel) {
    Word value = 0;
    if (channel < channels)
      std::memcpy(&value, values + channel * stride, sizeof(Word));
    std::memcpy(packed + channel * sizeof(Word), &value, sizeof(Word));
  }
}

/// A plane of one channel's part: bits `first` to `first + bits` of its 32 integers, which are read and written four at a time.
static void packPlane(const uint8_t *integers, int64_t first, int64_t bits, uint8_t *packed) {
  uint32_t mask = 0x01010101u * ((1u << bits) - 1);
  int64_t steps = tile::PanelBlock::stepsOfVector(bits);
  for (int64_t vector = 0; vector < tile::PanelBlock::vectors(bits); ++vector) {
    uint32_t word = 0;
    for (int64_t step = 0; step < steps; ++step) {
      uint32_t four;
      std::memcpy(&four, integers + 4 * (vector * steps + step), 4);
      word |= (four >> first & mask) << step * bits;
    }
    std::memcpy(packed + vector * tile::panelVector, &word, 4);
  }
}

/// One channel's block; `packed` is the panel's.
static void packBlock(const BlockForm &form, const tile::PanelBlock &block, const BlockParts &parts, int64_t channel, uint8_t *packed) {
  auto half = [&](int64_t place, uint16_t bits) {
    if (place >= 0)
      std::memcpy(packed + place + 2 * channel, &bits, 2);
  };
  half(block.scales, parts.scale);
  half(block.minima, parts.minimum);
  bool isShared = tile::sharesBytes(form);
  for (int64_t span = 0; span < block.blockElements / form.span; ++span) {
    int64_t byte = span * panelChannels + channel;
    if (block.spanScales >= 0)
      packed[block.spanScales + byte] = isShared ? parts.scales[span] | parts.minima[span] << 4 : parts.scales[span];
    if (block.spanMinima >= 0 && !isShared)
      packed[block.spanMinima + byte] = parts.minima[span];
  }
  for (int64_t part = 0; part < block.blockElements / tile::blockPart; ++part) {
    uint8_t *to = packed + block.integers + part * block.partBytes + 4 * channel;
    packPlane(parts.integers + part * tile::blockPart, 0, block.lowBits, to);
    if (block.highBits)
      packPlane(parts.integers + part * tile::blockPart, block.lowBits, block.highBits,
                to + tile::PanelBlock::vectors(block.lowBits) * tile::panelVector);
  }
}

/// One block of sixteen channels. Absent channels have scales of zero, and integers of the zero point where that is one.
static void packBlocks(const BlockCodec &codec, const uint8_t *blocks, int64_t stride, int64_t channels, uint8_t *packed) {
  tile::PanelBlock block = tile::panelBlock(*codec.form, codec.blockElements);
  std::memset(packed, 0, block.integers); // the filling of the head
  for (int64_t channel = 0; channel < panelChannels; ++channel) {
    BlockParts parts;
    if (channel < channels) {
      codec.split(blocks + channel * stride, parts);
    } else {
      parts = {};
      std::memset(parts.integers, codec.form->table ? 0 : codec.form->zeroPoint, codec.blockElements);
    }
    packBlock(*codec.form, block, parts, channel, packed);
  }
}

static std::vector<PanelFormat> allFormats() {
  std::vector<PanelFormat> formats = {{"f32", 1, 4, 64, nullptr}, {"f16", 1, 2, 32, nullptr}, {"bf16", 1, 2, 32, nullptr}};
  for (const BlockCodec *codec : allBlockCodecs())
    if (codec->form)
      formats.push_back(
          {codec->name, codec->blockElements, codec->blockBytes, tile::panelBlock(*codec->form, codec->blockElements).blockBytes, codec});
  return formats;
}

const PanelFormat *findPanelFormat(llvm::StringRef name) {
  static const std::vector<PanelFormat> formats = allFormats();
  auto it = llvm::find_if(formats, [&](const PanelFormat &format) { return format.name == name; });
  return it == formats.end() ? nullptr : &*it;
}

void packPanel(const PanelFormat &format, const uint8_t *rows, int64_t channels, int64_t columns, uint8_t *panel) {
  int64_t stride = format.rowBytes(columns);
  for (int64_t index = 0, count = columns / format.blockElements; index < count; ++index) {
    const uint8_t *from = rows + index * format.blockBytes;
    uint8_t *to = panel + index * format.packedBytes;
    if (format.codec)
      packBlocks(*format.codec, from, stride, channels, to);
    else if (format.blockBytes == 4)
      packValues<uint32_t>(from, stride, channels, to);
    else
      packValues<uint16_t>(from, stride, channels, to);
  }
}

} // namespace tenon::codegen
