//===- Weights.h - streams parameters from files into an artifact -*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_CODEGEN_PACKAGE_WEIGHTS_H
#define TENON_CODEGEN_PACKAGE_WEIGHTS_H

#include "tenon/codegen/package/Zip.h"
#include "llvm/ADT/SmallVector.h"
#include <functional>
#include <vector>

namespace tenon::codegen {

/// A parameter's way from its file into weights/packed.bin.
struct PackedWeight {
  std::string name;
  std::string source;    ///< path of the file
  uint64_t sourceOffset; ///< of its bytes in the file
  uint64_t sourceBytes;
  std::string format;    ///< element format, "f32", "q4_1", ...
  bool panels;           ///< packed as panels; otherwise the bytes are kept as they are
  llvm::SmallVector<int64_t> shape;
  uint64_t offset; ///< in the packed file, a multiple of 64
  uint64_t bytes;  ///< in the packed file
};

struct PackOptions {
  unsigned threads = 2;
  /// Told the bytes written so far and in all, from any thread but never from two at once.
  std::function<void(uint64_t written, uint64_t total)> progress;
};

/// Packs `weights`, sorted by offset, into the reserved entry of `size` bytes; gaps between weights are zeros. Each thread reads, packs
/// and writes pieces of about a mebibyte, so memory doesn't depend on the model; the bytes don't depend on the threads.
llvm::Error packWeights(llvm::ArrayRef<PackedWeight> weights, uint64_t size, ZipWriter &archive, const ZipWriter::Reservation &entry,
                        const PackOptions &options);

} // namespace tenon::codegen

#endif // TENON_CODEGEN_PACKAGE_WEIGHTS_H
