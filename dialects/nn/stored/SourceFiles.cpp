//===- SourceFiles.cpp - files that parameters are read from ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/nn/stored/SourceFiles.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

using namespace tenon;
using namespace llvm;

SourceFiles::~SourceFiles() {
  for (auto &entry : descriptors)
    close(entry.second);
}

Error SourceFiles::open(StringRef path) {
  if (descriptors.contains(path))
    return Error::success();
  int descriptor = ::open(path.str().c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0)
    return createStringError("cannot open '" + path + "': " + std::strerror(errno));
  descriptors[path] = descriptor;
  return Error::success();
}

Error SourceFiles::read(StringRef path, uint64_t offset, MutableArrayRef<uint8_t> bytes) const {
  auto found = descriptors.find(path);
  if (found == descriptors.end())
    return createStringError("'" + path + "' is not open");
  while (!bytes.empty()) {
    ssize_t count = pread(found->second, bytes.data(), bytes.size(), off_t(offset));
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0)
      return createStringError("cannot read '" + path + "': " + std::strerror(errno));
    if (count == 0)
      return createStringError("'" + path + "' ends at byte " + Twine(offset) + ", inside a parameter");
    bytes = bytes.drop_front(count);
    offset += count;
  }
  return Error::success();
}

Error SourceFiles::readElements(const StoredArray &array, int64_t first, MutableArrayRef<uint8_t> bytes) const {
  ElementFormat format = *ElementFormat::find(array.format);
  return read(array.path, array.offset + uint64_t(first / format.blockElements() * format.blockBytes()), bytes);
}

Error SourceFiles::readRectangle(const StoredArray &array, int64_t width, int64_t row, int64_t rows, int64_t column, int64_t columns,
                                 std::vector<uint8_t> &bytes) const {
  int64_t size = ElementFormat::find(array.format)->blockBytes();
  bytes.resize(size_t(rows * columns * size));
  if (columns == width)
    return readElements(array, row * width, bytes);
  for (int64_t i = 0; i < rows; ++i)
    if (Error error = readElements(array, (row + i) * width + column,
                                   MutableArrayRef<uint8_t>(bytes).slice(size_t(i * columns * size), size_t(columns * size))))
      return error;
  return Error::success();
}
