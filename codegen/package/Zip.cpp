//===- Zip.cpp - writes an uncompressed, page-aligned zip file --*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Contents are aligned by an extra field of the local header that holds nothing but padding. Local headers are written when the archive
// is finished, because only then the checksums of reserved entries are known; until then their places are holes.
//
//===----------------------------------------------------------------------===//

#include "tenon/codegen/package/Zip.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/Path.h"
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>

using namespace llvm;

namespace tenon::codegen {

namespace {
/// Little-endian records, field by field.
class Record {
public:
  Record &u16(uint64_t value) { return put(value, 2); }
  Record &u32(uint64_t value) { return put(value, 4); }
  Record &u64(uint64_t value) { return put(value, 8); }
  Record &text(StringRef value) {
    bytes += value;
    return *this;
  }
  Record &zeros(size_t count) {
    bytes.append(count, '\0');
    return *this;
  }
  std::string bytes;

private:
  Record &put(uint64_t value, int count) {
    for (int i = 0; i < count; ++i)
      bytes.push_back(char(value >> (8 * i)));
    return *this;
  }
};

constexpr uint64_t limit32 = 0xffffffff;
constexpr uint16_t version = 45;          // understands zip64
constexpr uint16_t madeBy = 3 << 8 | 45;  // Unix
constexpr uint16_t date = 1 << 5 | 1;     // the first of January 1980, the format's zero
constexpr uint16_t utf8Names = 1 << 11;
constexpr uint16_t zip64Field = 0x0001;
constexpr uint16_t paddingField = 0xd935; // the identifier that other alignment tools use
constexpr size_t localHeaderSize = 30;
constexpr size_t zip64FieldSize = 20;

uint32_t clamp32(uint64_t value) { return value > limit32 ? limit32 : value; }
} // namespace

static Error systemError(const Twine &what) {
  return createStringError(std::error_code(errno, std::generic_category()), what + ": " + std::strerror(errno));
}

Expected<ZipWriter> ZipWriter::create(StringRef path) {
  // The finished file takes the place of what is there, which must not be a device or a pipe.
  if (sys::fs::exists(path) && !sys::fs::is_regular_file(path))
    return createStringError(std::make_error_code(std::errc::invalid_argument), "cannot write '" + path + "': it is not a regular file");
  ZipWriter writer;
  writer.path = path.str();
  SmallString<128> folder = sys::path::parent_path(path);
  writer.file = open(folder.empty() ? "." : folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0644);
  if (writer.file >= 0) {
    writer.temporary = "/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(writer.file);
    return writer;
  }
  // The file system has no files without names, or the folder is not there.
  SmallString<128> temporary;
  if (std::error_code error = sys::fs::createUniqueFile(path + ".%%%%%%.partial", writer.file, temporary, sys::fs::OF_None, 0644))
    return createStringError(error, "cannot write '" + path + "': " + error.message());
  writer.temporary = std::string(temporary);
  writer.named = true;
  return writer;
}

ZipWriter::ZipWriter(ZipWriter &&other)
    : path(std::move(other.path)), temporary(std::move(other.temporary)), file(other.file), named(other.named),
      sparse(other.sparse), end(other.end),
      entries(std::move(other.entries)) {
  other.file = -1;
}

ZipWriter::~ZipWriter() {
  if (file < 0)
    return;
  close(file);
  if (named)
    unlink(temporary.c_str());
}

Error ZipWriter::writeAt(uint64_t offset, ArrayRef<char> bytes) const {
  while (!bytes.empty()) {
    ssize_t count = pwrite(file, bytes.data(), bytes.size(), off_t(offset));
    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0)
      return systemError("cannot write '" + path + "'");
    bytes = bytes.drop_front(count);
    offset += count;
  }
  return Error::success();
}

Expected<ZipWriter::Reservation> ZipWriter::reserve(StringRef name, uint64_t size) {
  if (any_of(entries, [&](const Entry &entry) { return entry.name == name; }))
    return createStringError("the archive already has an entry '" + name + "'");
  // The padding field needs four bytes for itself.
  uint64_t contents = alignTo(end + localHeaderSize + name.size() + zip64FieldSize + 4, alignment);
  entries.push_back({name.str(), end, contents, size, 0});
  end = contents + size;
  // Takes the space now, so that a full disk is reported before the work and not during it.
  if (int error = size == 0 || sparse ? 0 : posix_fallocate(file, off_t(contents), off_t(size)); error == ENOSPC || error == EFBIG) {
    errno = error;
    return systemError("no space for '" + name + "' in '" + path + "'");
  }
  return Reservation{entries.size() - 1, contents};
}

Error ZipWriter::add(StringRef name, ArrayRef<char> contents) {
  Expected<Reservation> reservation = reserve(name, contents.size());
  if (!reservation)
    return reservation.takeError();
  setChecksum(*reservation, crc32_z(0, reinterpret_cast<const Bytef *>(contents.data()), contents.size()));
  return writeAt(reservation->offset, contents);
}

std::string ZipWriter::localHeader(const Entry &entry) const {
  bool large = entry.size >= limit32;
  size_t padding = entry.contents - entry.header - localHeaderSize - entry.name.size() - (large ? zip64FieldSize : 0) - 4;
  Record record;
  record.u32(0x04034b50).u16(version).u16(utf8Names).u16(/*stored*/ 0).u16(/*time*/ 0).u16(date).u32(entry.checksum);
  record.u32(large ? limit32 : entry.size).u32(large ? limit32 : entry.size);
  record.u16(entry.name.size()).u16((large ? zip64FieldSize : 0) + 4 + padding).text(entry.name);
  if (large)
    record.u16(zip64Field).u16(16).u64(entry.size).u64(entry.size);
  record.u16(paddingField).u16(padding).zeros(padding);
  return record.bytes;
}

/// The directory of all entries so far, and the records that end the archive.
std::string ZipWriter::directory() const {
  SmallVector<const Entry *> sorted;
  for (const Entry &entry : entries)
    sorted.push_back(&entry);
  sort(sorted, [](const Entry *a, const Entry *b) { return a->name < b->name; });
  Record record;
  for (const Entry *entry : sorted) {
    Record extra;
    if (entry->size >= limit32)
      extra.u64(entry->size).u64(entry->size);
    if (entry->header >= limit32)
      extra.u64(entry->header);
    size_t extraSize = extra.bytes.empty() ? 0 : 4 + extra.bytes.size();
    record.u32(0x02014b50).u16(madeBy).u16(version).u16(utf8Names).u16(/*stored*/ 0).u16(/*time*/ 0).u16(date).u32(entry->checksum);
    record.u32(clamp32(entry->size)).u32(clamp32(entry->size)).u16(entry->name.size()).u16(extraSize).u16(/*comment*/ 0).u16(/*disk*/ 0);
    record.u16(/*internal attributes*/ 0).u32(uint64_t(0100644) << 16).u32(clamp32(entry->header)).text(entry->name);
    if (extraSize != 0)
      record.u16(zip64Field).u16(extra.bytes.size()).text(extra.bytes);
  }
  uint64_t size = record.bytes.size(), count = entries.size();
  if (end >= limit32) {
    record.u32(0x06064b50).u64(44).u16(madeBy).u16(version).u32(0).u32(0).u64(count).u64(count).u64(size).u64(end);
    record.u32(0x07064b50).u32(0).u64(end + size).u32(1);
  }
  record.u32(0x06054b50).u16(0).u16(0).u16(count).u16(count).u32(clamp32(size)).u32(clamp32(end)).u16(0);
  return record.bytes;
}

Error ZipWriter::checkpoint() {
  for (const Entry &entry : entries)
    if (Error error = writeAt(entry.header, localHeader(entry)))
      return error;
  std::string records = directory();
  if (Error error = writeAt(end, records))
    return error;
  return ftruncate(file, off_t(end + records.size())) == 0 ? Error::success() : systemError("cannot write '" + path + "'");
}

/// Gives a file without a name one beside the archive's, since a link does not replace what is there.
Error ZipWriter::nameFile() {
  SmallString<128> name;
  for (int attempt = 0; attempt < 16; ++attempt) {
    sys::fs::createUniquePath(path + ".%%%%%%.partial", name, /*MakeAbsolute=*/false);
    if (linkat(AT_FDCWD, temporary.c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW) == 0) {
      temporary = std::string(name);
      named = true;
      return Error::success();
    }
    if (errno != EEXIST)
      break;
  }
  return systemError("cannot write '" + path + "'");
}

Expected<uint64_t> ZipWriter::finish() {
  if (Error error = checkpoint())
    return error;
  if (!named)
    if (Error error = nameFile())
      return error;
  uint64_t size = end + directory().size();
  bool closed = close(file) == 0;
  file = -1;
  std::error_code error = closed ? sys::fs::rename(temporary, path) : std::error_code(errno, std::generic_category());
  if (!error)
    return size;
  unlink(temporary.c_str());
  return createStringError(error, "cannot write '" + path + "': " + error.message());
}

} // namespace tenon::codegen
