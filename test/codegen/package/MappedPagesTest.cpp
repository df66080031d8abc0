//===- MappedPagesTest.cpp - pages of a mapped file are given back ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/codegen/package/MappedPages.h"

#include <chrono>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

using namespace tenon::codegen;

namespace {

constexpr size_t size = size_t{64} << 20, page = 4096;

/// Resident pages of files, in bytes.
size_t residentOfFiles() {
  size_t all = 0, resident = 0, shared = 0;
  std::ifstream("/proc/self/statm") >> all >> resident >> shared;
  return shared * size_t(sysconf(_SC_PAGESIZE));
}

class MappedPagesTest : public testing::Test {
protected:
  void SetUp() override {
    file = mkstemp(name);
    ASSERT_GE(file, 0);
    ASSERT_EQ(ftruncate(file, off_t(size)), 0);
    ASSERT_EQ(pwrite(file, "x", 1, off_t(size - 1)), 1);
    void *mapped = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0);
    ASSERT_NE(mapped, MAP_FAILED);
    data = static_cast<const volatile char *>(mapped);
  }
  void TearDown() override {
    munmap(const_cast<char *>(data), size);
    close(file);
    unlink(name);
  }
  /// Reads every page and returns the last byte.
  char readAll() {
    for (size_t at = 0; at < size; at += page)
      (void)data[at];
    return data[size - 1];
  }

  char name[32] = "/tmp/tenon-pages-XXXXXX";
  int file = -1;
  const volatile char *data = nullptr;
};

TEST_F(MappedPagesTest, AreGivenBackAndComeAgain) {
  EXPECT_EQ(readAll(), 'x');
  size_t before = residentOfFiles();
  ASSERT_GE(before, size);
  MappedPages pages(name, {/*smallFile=*/1, /*resident=*/0});
  bool fell = false;
  for (int i = 0; i < 1000 && !fell; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    fell = residentOfFiles() + size / 2 < before;
  }
  EXPECT_TRUE(fell);
  EXPECT_EQ(readAll(), 'x');
}

TEST_F(MappedPagesTest, OfSmallFilesStay) {
  EXPECT_EQ(readAll(), 'x');
  size_t before = residentOfFiles();
  MappedPages pages(name, {/*smallFile=*/2 * size, /*resident=*/0});
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_GE(residentOfFiles() + size / 2, before);
}

TEST_F(MappedPagesTest, OfNoFileAreNothing) {
  MappedPages pages("/nowhere", {/*smallFile=*/1, /*resident=*/0});
}

} // namespace
