//===- MappedPages.cpp - gives back pages of a large artifact that runs ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/codegen/package/MappedPages.h"

#include <chrono>
#include <fstream>
#include <sstream>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace tenon::codegen {

/// Pages come at some gigabytes a second: few of them in this time.
constexpr std::chrono::milliseconds pause(5);

MappedPages::MappedPages(const std::string &path, Limits limits) : limits(limits) {
  struct stat info;
  if (stat(path.c_str(), &info) != 0 || uint64_t(info.st_size) < limits.smallFile)
    return;
  // begin-end permissions offset device inode path
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    std::istringstream fields(line);
    uintptr_t begin = 0, end = 0;
    char dash = 0;
    std::string permissions, offset, device;
    uint64_t inode = 0;
    fields >> std::hex >> begin >> dash >> end >> permissions >> offset >> device >> std::dec >> inode;
    // Pages of a file that cannot be written come back as they were.
    if (fields && inode == info.st_ino && permissions == "r--p" && off_t(end - begin) >= info.st_size)
      ranges.push_back({reinterpret_cast<void *>(begin), size_t(end - begin)});
  }
  if (!ranges.empty())
    thread = std::thread([this] { watch(); });
}

MappedPages::~MappedPages() {
  {
    std::lock_guard<std::mutex> guard(lock);
    done = true;
  }
  wake.notify_one();
  if (thread.joinable())
    thread.join();
}

static uint64_t residentBytes() {
  uint64_t all = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> all >> resident;
  return resident * uint64_t(sysconf(_SC_PAGESIZE));
}

void MappedPages::watch() {
  std::unique_lock<std::mutex> guard(lock);
  while (!wake.wait_for(guard, pause, [this] { return done; }))
    if (residentBytes() > limits.resident)
      for (const Range &range : ranges)
        madvise(range.begin, range.size, MADV_DONTNEED);
}

} // namespace tenon::codegen
