//===- ObjectLink.cpp - an object file becomes a shared object --*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// lld runs inside the process, so that a user needs no linker installed. It speaks in file names: the object and the result pass through
// a private temporary folder. lld keeps process-wide state, hence the lock.
//
//===----------------------------------------------------------------------===//

#include "tenon/codegen/cpu/Object.h"

#include "lld/Common/Driver.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"
#include <mutex>

LLD_HAS_DRIVER(elf)

using namespace llvm;

namespace tenon::codegen {

namespace {
/// A folder under the system's temporary folder that goes away with the object.
class TemporaryFolder {
public:
  static Expected<TemporaryFolder> create() {
    TemporaryFolder folder;
    if (std::error_code error = sys::fs::createUniqueDirectory("tenon-link", folder.path))
      return createStringError("no temporary folder can be made: " + error.message());
    return folder;
  }
  TemporaryFolder(TemporaryFolder &&other) : path(std::move(other.path)) { other.path.clear(); }
  ~TemporaryFolder() {
    if (!path.empty())
      sys::fs::remove_directories(path);
  }
  std::string file(StringRef name) const {
    SmallString<128> result(path);
    sys::path::append(result, name);
    return std::string(result);
  }

private:
  TemporaryFolder() = default;
  SmallString<128> path;
};
} // namespace

static Error writeFile(StringRef path, StringRef contents) {
  std::error_code error;
  raw_fd_ostream stream(path, error);
  if (!error) {
    stream << contents;
    stream.close();
    error = stream.error();
    stream.clear_error();
  }
  return error ? createStringError("cannot write '" + path + "': " + error.message()) : Error::success();
}

/// Generated code stands alone: the C library's memory functions are all that it may ask of its process.
static Error checkUndefinedSymbols(ArrayRef<char> object) {
  MemoryBufferRef buffer(StringRef(object.data(), object.size()), "object");
  auto file = object::ObjectFile::createELFObjectFile(buffer);
  if (!file)
    return file.takeError();
  static const StringSet<> allowed = {"memcpy", "memmove", "memset"};
  SmallVector<std::string> unknown;
  for (const object::SymbolRef &symbol : (*file)->symbols()) {
    Expected<uint32_t> flags = symbol.getFlags();
    if (!flags)
      return flags.takeError();
    if (!(*flags & object::SymbolRef::SF_Undefined))
      continue;
    Expected<StringRef> name = symbol.getName();
    if (!name)
      return name.takeError();
    if (!name->empty() && !allowed.contains(*name) && *name != "_GLOBAL_OFFSET_TABLE_")
      unknown.push_back(name->str());
  }
  if (unknown.empty())
    return Error::success();
  return createStringError("the generated code refers to functions that no artifact has: " + join(unknown, ", "));
}

Expected<Bytes> linkSharedObject(ArrayRef<char> object, ArrayRef<StringRef> symbols) {
  if (Error error = checkUndefinedSymbols(object))
    return error;
  Expected<TemporaryFolder> folder = TemporaryFolder::create();
  if (!folder)
    return folder.takeError();
  std::string input = folder->file("code.o"), output = folder->file("code.so"), exports = folder->file("exports");

  std::string script = "{ global: ";
  for (StringRef symbol : symbols)
    script += symbol.str() + "; ";
  script += "local: *; };\n";
  if (Error error = writeFile(exports, script))
    return error;
  if (Error error = writeFile(input, StringRef(object.data(), object.size())))
    return error;

  std::string versionScript = "--version-script=" + exports;
  SmallVector<const char *> arguments = {"ld.lld", "-shared", "--build-id=none", "--hash-style=gnu", "--gc-sections", "--threads=1",
                                         "-z", "relro", "-z", "now", "-z", "noexecstack", "--strip-debug",
                                         versionScript.c_str(), "-o", output.c_str(), input.c_str()};
  std::string messages;
  raw_string_ostream stream(messages);
  static std::mutex lock;
  lld::Result result;
  {
    std::lock_guard<std::mutex> guard(lock);
    result = lld::lldMain(arguments, stream, stream, {{lld::Gnu, &lld::elf::link}});
  }
  if (result.retCode != 0)
    return createStringError("the linker failed: " + StringRef(messages).rtrim());

  auto buffer = MemoryBuffer::getFile(output, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!buffer)
    return createStringError("cannot read what the linker wrote: " + buffer.getError().message());
  return Bytes((*buffer)->getBufferStart(), (*buffer)->getBufferEnd());
}

} // namespace tenon::codegen
