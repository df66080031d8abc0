//===- PanelBlock.cpp - quantised blocks in a panel ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/tile/PanelBlock.h"
#include "llvm/Support/MathExtras.h"

using namespace tenon;
using namespace tenon::tile;

bool tile::sharesBytes(const BlockForm &form) {
  return form.scaleBits == 4 && form.minimum == SpanMinimum::bytes;
}

PanelBlock tile::panelBlock(const BlockForm &form, int64_t blockElements) {
  PanelBlock block;
  block.blockElements = blockElements;
  block.lowBits = form.bits == 8 ? 8 : form.bits >= 4 ? 4 : 2;
  block.highBits = form.bits - block.lowBits;
  block.partBytes = (PanelBlock::vectors(block.lowBits) + PanelBlock::vectors(block.highBits)) * panelVector;
  int64_t end = 0;
  auto place = [&](int64_t bytes) {
    int64_t begin = end;
    end += bytes;
    return begin;
  };
  bool isSmall = blockElements == blockPart;
  if (isSmall)
    block.integers = place(block.partBytes);
  int64_t halfs = 2 * panelChannels, spans = blockElements / form.span * panelChannels;
  if (form.scale != SpanScale::exponents)
    block.scales = place(halfs);
  if (form.minimum != SpanMinimum::none)
    block.minima = place(halfs);
  if (form.scale != SpanScale::whole)
    block.spanScales = place(spans);
  if (form.minimum == SpanMinimum::bytes)
    block.spanMinima = sharesBytes(form) ? block.spanScales : place(spans);
  if (!isSmall) {
    block.integers = end = llvm::alignTo(end, 64);
    place(blockElements / blockPart * block.partBytes);
  }
  block.blockBytes = end;
  return block;
}
