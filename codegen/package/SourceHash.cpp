//===- SourceHash.cpp - what a file held when it was compiled ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/codegen/package/SourceHash.h"

#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/BLAKE3.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include <vector>

using namespace llvm;

namespace tenon::codegen {

static Error addContents(StringRef path, BLAKE3 &hash) {
  Expected<sys::fs::file_t> file = sys::fs::openNativeFileForRead(path);
  if (!file)
    return createStringError("cannot read '" + path + "': " + toString(file.takeError()));
  scope_exit close([&] { sys::fs::closeFile(*file); });
  std::vector<char> buffer(1 << 20);
  while (true) {
    Expected<size_t> count = sys::fs::readNativeFile(*file, buffer);
    if (!count)
      return createStringError("cannot read '" + path + "': " + toString(count.takeError()));
    if (*count == 0)
      return Error::success();
    hash.update(ArrayRef<uint8_t>(reinterpret_cast<const uint8_t *>(buffer.data()), *count));
  }
}

/// The names of the files in a folder in order; hidden ones and folders are left out.
static Expected<std::vector<std::string>> filesIn(StringRef folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (sys::fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
    if (StringRef name = sys::path::filename(entry->path()); !name.starts_with(".") && sys::fs::is_regular_file(entry->path()))
      names.push_back(name.str());
  if (error)
    return createStringError("cannot read '" + folder + "': " + error.message());
  sort(names);
  return names;
}

Expected<std::string> hashSource(StringRef path) {
  BLAKE3 hash;
  if (!sys::fs::is_directory(path)) {
    if (Error error = addContents(path, hash))
      return std::move(error);
    return "blake3:" + toHex(hash.final(), /*LowerCase=*/true);
  }
  Expected<std::vector<std::string>> names = filesIn(path);
  if (!names)
    return names.takeError();
  for (const std::string &name : *names) {
    SmallString<128> full(path);
    sys::path::append(full, name);
    Expected<std::string> contents = hashSource(full);
    if (!contents)
      return contents.takeError();
    hash.update(name + " " + *contents + "\n");
  }
  return "blake3:" + toHex(hash.final(), /*LowerCase=*/true);
}

} // namespace tenon::codegen
