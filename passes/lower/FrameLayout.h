//===- FrameLayout.h - places of buffers by their lifetimes ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include <cstdint>

namespace tenon {

/// A buffer that lives from step `first` to step `last`, both included.
struct Lifetime {
  int64_t bytes;
  int64_t first, last;
};

/// Places of buffers so that no two that live at the same time overlap.
struct Layout {
  llvm::SmallVector<int64_t> offsets;
  int64_t bytes = 0; ///< the end of the last buffer
};

/// Largest buffers first, each at the lowest place where nothing alive at the same time lies. Sizes are taken as they come: equal
/// alignment follows from sizes that are multiples of it.
Layout layoutFrame(llvm::ArrayRef<Lifetime> buffers);

} // namespace tenon
