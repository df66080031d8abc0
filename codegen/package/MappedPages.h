//===- MappedPages.h - gives back pages of a large artifact that runs ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_CODEGEN_PACKAGE_MAPPEDPAGES_H
#define TENON_CODEGEN_PACKAGE_MAPPEDPAGES_H

#include "llvm/ADT/SmallVector.h"
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

namespace tenon::codegen {

/// Watches the process while it runs an artifact that it has mapped: when more memory is resident than a compiler should take, the
/// artifact's pages are given back, and those that are still needed come again from the page cache. Small artifacts are let alone.
class MappedPages {
public:
  struct Limits {
    uint64_t smallFile = uint64_t{256} << 20; ///< a smaller artifact is let alone
    uint64_t resident = uint64_t{512} << 20;  ///< of the whole process
  };
  /// The file is mapped already.
  explicit MappedPages(const std::string &path) : MappedPages(path, Limits{}) {}
  MappedPages(const std::string &path, Limits limits);
  ~MappedPages();
  MappedPages(const MappedPages &) = delete;
  MappedPages &operator=(const MappedPages &) = delete;

private:
  void watch();

  struct Range {
    void *begin;
    size_t size;
  };
  Limits limits;
  llvm::SmallVector<Range, 2> ranges;
  std::mutex lock;
  std::condition_variable wake;
  bool done = false;
  std::thread thread;
};

} // namespace tenon::codegen

#endif // TENON_CODEGEN_PACKAGE_MAPPEDPAGES_H
