//===- Weights.h - streams parameters from files into an artifact -*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_CODEGEN_PACKAGE_WEIGHTS_H
#define TENON_CODEGEN_PACKAGE_WEIGHTS_H

#include "tenon/codegen/package/Zip.h"
#include "tenon/dialects/nn/stored/ParameterReader.h"
#include "llvm/ADT/SmallVector.h"
#include <functional>
#include <vector>

namespace tenon::codegen {

/// A parameter's way from its files into weights/packed.bin.
struct PackedWeight {
  std::string name;
  StoredParameter stored; ///< what it is made of; its format and shape are those of what is packed
  bool panels;            ///< packed as panels; otherwise the bytes are kept as they are
  uint64_t offset;        ///< in the packed file, a multiple of 64
  uint64_t bytes;         ///< in the packed file

  llvm::StringRef format() const { return stored.format; }
  llvm::ArrayRef<int64_t> shape() const { return stored.shape; }
};

struct PackOptions {
  unsigned threads = 2;
  /// Told the bytes written so far and in all, from any thread but never from two at once.
  std::function<void(uint64_t written, uint64_t total)> progress;
};

/// Packs `weights`, sorted by offset, into the reserved entry of `size` bytes; gaps between weights are zeros. Each thread reads, packs
/// and writes pieces of about a mebibyte, so memory doesn't depend on the model; the bytes don't depend on the threads. A weight of rank 3
/// is one matrix after the other. Gives what rounding did to each weight; it is all zeros where nothing was rounded.
llvm::Expected<std::vector<RoundingSums>> packWeights(llvm::ArrayRef<PackedWeight> weights, uint64_t size, ZipWriter &archive,
                                                      const ZipWriter::Reservation &entry, const PackOptions &options);

} // namespace tenon::codegen

#endif // TENON_CODEGEN_PACKAGE_WEIGHTS_H
