//===- SourceHash.cpp - what a file held when it was compiled ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/codegen/package/SourceHash.h"

#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/BLAKE3.h"
#include "llvm/Support/FileSystem.h"
#include <vector>

using namespace llvm;

namespace tenon::codegen {

Expected<std::string> hashFile(StringRef path) {
  Expected<sys::fs::file_t> file = sys::fs::openNativeFileForRead(path);
  if (!file)
    return createStringError("cannot read '" + path + "': " + toString(file.takeError()));
  scope_exit close([&] { sys::fs::closeFile(*file); });
  std::vector<char> buffer(1 << 20);
  BLAKE3 hash;
  while (true) {
    Expected<size_t> count = sys::fs::readNativeFile(*file, buffer);
    if (!count)
      return createStringError("cannot read '" + path + "': " + toString(count.takeError()));
    if (*count == 0)
      break;
    hash.update(ArrayRef<uint8_t>(reinterpret_cast<const uint8_t *>(buffer.data()), *count));
  }
  return "blake3:" + toHex(hash.final(), /*LowerCase=*/true);
}

} // namespace tenon::codegen
