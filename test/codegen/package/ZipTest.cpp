//===- ZipTest.cpp - the artifact's container -------------------*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/codegen/package/Zip.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "gmock/gmock.h"
#include <cstdlib>
#include <zlib.h>

using namespace llvm;
using namespace tenon::codegen;

namespace {

class ZipTest : public testing::Test {
protected:
  void SetUp() override { ASSERT_FALSE(sys::fs::createUniqueDirectory("tenon-zip", folder)); }
  void TearDown() override { sys::fs::remove_directories(folder); }
  std::string file(StringRef name) const { return (folder + "/" + name).str(); }

  std::string contents(StringRef name) const {
    auto buffer = MemoryBuffer::getFile(file(name), /*IsText=*/false, /*RequiresNullTerminator=*/false);
    return buffer ? (*buffer)->getBuffer().str() : "";
  }
  size_t fileCount() const {
    std::error_code error;
    size_t count = 0;
    for (sys::fs::directory_iterator it(folder, error), end; it != end && !error; it.increment(error))
      ++count;
    return count;
  }
  SmallString<128> folder;
};

/// A small archive with one entry of each kind.
Expected<uint64_t> writeSample(const std::string &path) {
  Expected<ZipWriter> writer = ZipWriter::create(path);
  if (!writer)
    return writer.takeError();
  if (Error error = writer->addText("manifest.json", "{}\n"))
    return error;
  auto weights = writer->reserve("weights/packed.bin", 5000);
  if (!weights)
    return weights.takeError();
  std::string first(3000, 'a'), second(2000, 'b');
  // The halves may come in any order.
  if (Error error = writer->writeAt(weights->offset + 3000, second))
    return error;
  if (Error error = writer->writeAt(weights->offset, first))
    return error;
  std::string all = first + second;
  writer->setChecksum(*weights, crc32(0, reinterpret_cast<const Bytef *>(all.data()), all.size()));
  if (Error error = writer->addText("empty", ""))
    return error;
  return writer->finish();
}

TEST_F(ZipTest, UnzipAcceptsTheArchive) {
  Expected<uint64_t> size = writeSample(file("a.zip"));
  ASSERT_TRUE(bool(size)) << toString(size.takeError());
  EXPECT_EQ(contents("a.zip").size(), *size);
  std::string script = "import sys, zipfile; z = zipfile.ZipFile('" + file("a.zip") +
                       "'); assert z.testzip() is None; assert z.namelist() == ['empty', 'manifest.json', 'weights/packed.bin']; "
                       "assert z.read('weights/packed.bin') == b'a' * 3000 + b'b' * 2000";
  EXPECT_EQ(std::system(("python3 -c \"" + script + "\"").c_str()), 0);
}

TEST_F(ZipTest, ContentsBeginOnAPage) {
  Expected<ZipWriter> writer = ZipWriter::create(file("a.zip"));
  ASSERT_TRUE(bool(writer));
  for (int length = 1; length < 40; ++length) {
    auto reservation = writer->reserve(std::string(length, 'n'), length * 113);
    ASSERT_TRUE(bool(reservation));
    EXPECT_EQ(reservation->offset % 4096, 0u);
  }
}

TEST_F(ZipTest, TheSameEntriesGiveTheSameBytes) {
  ASSERT_TRUE(bool(writeSample(file("a.zip"))));
  ASSERT_TRUE(bool(writeSample(file("b.zip"))));
  EXPECT_EQ(contents("a.zip"), contents("b.zip"));
}

TEST_F(ZipTest, AnUnfinishedArchiveLeavesNothing) {
  {
    Expected<ZipWriter> writer = ZipWriter::create(file("a.zip"));
    ASSERT_TRUE(bool(writer));
    ASSERT_FALSE(bool(writer->addText("x", "y")));
  }
  EXPECT_EQ(fileCount(), 0u);
}

TEST_F(ZipTest, ACheckpointCanBeReadAndContinued) {
  Expected<ZipWriter> writer = ZipWriter::create(file("a.zip"));
  ASSERT_TRUE(bool(writer));
  ASSERT_FALSE(bool(writer->addText("x", "y")));
  ASSERT_FALSE(bool(writer->checkpoint()));
  std::string read = "python3 -c \"import zipfile; assert zipfile.ZipFile('%s').namelist() == [%s]\"";
  auto names = [&](const std::string &path, const char *list) {
    char command[600];
    snprintf(command, sizeof(command), read.c_str(), path.c_str(), list);
    return std::system(command);
  };
  EXPECT_EQ(names(writer->temporaryPath(), "'x'"), 0);
  ASSERT_FALSE(bool(writer->addText("a", "z")));
  ASSERT_TRUE(bool(writer->finish()));
  EXPECT_EQ(names(file("a.zip"), "'a', 'x'"), 0);
}

TEST_F(ZipTest, AnEntryNameIsUsedOnce) {
  Expected<ZipWriter> writer = ZipWriter::create(file("a.zip"));
  ASSERT_TRUE(bool(writer));
  ASSERT_FALSE(bool(writer->addText("x", "y")));
  EXPECT_EQ(toString(writer->addText("x", "z")), "the archive already has an entry 'x'");
}

TEST_F(ZipTest, AFolderThatDoesNotExistIsAnError) {
  Expected<ZipWriter> writer = ZipWriter::create(file("none/a.zip"));
  ASSERT_FALSE(bool(writer));
  EXPECT_THAT(toString(writer.takeError()), testing::HasSubstr("none/a.zip"));
}

// Sparse: the file is large only in name. Python reads the zip64 records.
TEST_F(ZipTest, EntriesPastFourGigabytesUseZip64) {
  std::string path = file("large.zip");
  Expected<ZipWriter> writer = ZipWriter::create(path);
  ASSERT_TRUE(bool(writer));
  writer->setSparse();
  ASSERT_TRUE(bool(writer->reserve("large", (uint64_t(1) << 32) + 10)));
  ASSERT_FALSE(bool(writer->addText("after", "hello")));
  Expected<uint64_t> size = writer->finish();
  ASSERT_TRUE(bool(size)) << toString(size.takeError());
  std::string script = "import zipfile; z = zipfile.ZipFile('" + path + "'); assert z.read('after') == b'hello'; "
                       "assert z.getinfo('large').file_size == 2**32 + 10; z.open('large').read(1) == b'\\0'";
  EXPECT_EQ(std::system(("python3 -c \"" + script + "\"").c_str()), 0);
}

} // namespace
