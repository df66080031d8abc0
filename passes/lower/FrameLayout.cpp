//===- FrameLayout.cpp - places of buffers by their lifetimes ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/passes/lower/FrameLayout.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Sequence.h"
#include <algorithm>

using namespace tenon;

static bool liveTogether(const Lifetime &a, const Lifetime &b) { return a.first <= b.last && b.first <= a.last; }

Layout tenon::layoutFrame(llvm::ArrayRef<Lifetime> buffers) {
  llvm::SmallVector<size_t> order = llvm::to_vector(llvm::seq<size_t>(0, buffers.size()));
  llvm::sort(order, [&](size_t a, size_t b) { return buffers[a].bytes != buffers[b].bytes ? buffers[a].bytes > buffers[b].bytes : a < b; });

  Layout layout;
  layout.offsets.resize(buffers.size());
  llvm::SmallVector<size_t> placed; // by rising offset
  for (size_t index : order) {
    const Lifetime &buffer = buffers[index];
    int64_t offset = 0;
    for (size_t other : placed) {
      if (!liveTogether(buffer, buffers[other]))
        continue;
      if (offset + buffer.bytes <= layout.offsets[other])
        break;
      offset = std::max(offset, layout.offsets[other] + buffers[other].bytes);
    }
    layout.offsets[index] = offset;
    layout.bytes = std::max(layout.bytes, offset + buffer.bytes);
    placed.insert(llvm::upper_bound(placed, offset, [&](int64_t value, size_t other) { return value < layout.offsets[other]; }), index);
  }
  return layout;
}
