//===- Zip.h - writes an uncompressed, page-aligned zip file -----*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_CODEGEN_PACKAGE_ZIP_H
#define TENON_CODEGEN_PACKAGE_ZIP_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <cstdint>
#include <string>
#include <vector>

namespace tenon::codegen {

/// Writes a zip archive whose entries are stored uncompressed and begin on a page, so that a reader can map them. The bytes depend on the
/// entries alone: no times, fixed alignment, a directory sorted by name. Offsets and sizes past 4 GiB use the zip64 records.
///
/// The archive grows in a file without a name (where the file system has none, under a temporary name beside `path`) and takes its name in
/// finish(); without finish() nothing is left behind, not even by a crash.
class ZipWriter {
public:
  static constexpr uint64_t alignment = 4096;

  static llvm::Expected<ZipWriter> create(llvm::StringRef path);
  ZipWriter(ZipWriter &&other);
  ZipWriter &operator=(ZipWriter &&) = delete;
  ~ZipWriter();

  llvm::Error add(llvm::StringRef name, llvm::ArrayRef<char> contents);
  llvm::Error addText(llvm::StringRef name, llvm::StringRef contents) {
    return add(name, llvm::ArrayRef<char>(contents.data(), contents.size()));
  }

  /// An entry whose contents come later, in any order and from any thread, through writeAt.
  struct Reservation {
    size_t entry;    ///< for setChecksum
    uint64_t offset; ///< of the first byte of the contents in the file
  };
  llvm::Expected<Reservation> reserve(llvm::StringRef name, uint64_t size);

  /// Writes bytes of a reserved entry at an offset in the file. May be called by several threads at once.
  llvm::Error writeAt(uint64_t offset, llvm::ArrayRef<char> bytes) const;

  /// Says the CRC-32 of a reserved entry's contents; must precede finish().
  void setChecksum(const Reservation &reservation, uint32_t checksum) { entries[reservation.entry].checksum = checksum; }

  /// Leaves reserved space to the file system to find when it is written, instead of taking it at once.
  void setSparse() { sparse = true; }

  /// Makes the file so far readable at temporaryPath() while the writer lives; more entries may follow.
  llvm::Error checkpoint();
  const std::string &temporaryPath() const { return temporary; }

  /// Writes the directory and gives the file its name. Returns the file's size.
  llvm::Expected<uint64_t> finish();

private:
  struct Entry {
    std::string name;
    uint64_t header;   ///< offset of the local header
    uint64_t contents; ///< offset of the contents
    uint64_t size;
    uint32_t checksum;
  };

  ZipWriter() = default;
  std::string localHeader(const Entry &entry) const;
  std::string directory() const;
  llvm::Error nameFile();

  std::string path, temporary;
  int file = -1;
  bool named = false; ///< `temporary` is a name in the file system that has to go again
  bool sparse = false;
  uint64_t end = 0; ///< where the next local header goes
  std::vector<Entry> entries;
};

} // namespace tenon::codegen

#endif // TENON_CODEGEN_PACKAGE_ZIP_H
