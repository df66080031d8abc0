//===- Files.h - files of a folder, made by hand ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "tenon/frontends/Diagnostics.h"

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace tenon::huggingface {

/// Eight bytes, the lowest first.
inline std::string lengthBytes(uint64_t value) {
  std::string bytes;
  for (int i = 0; i < 8; ++i)
    bytes += static_cast<char>(value >> (8 * i) & 255);
  return bytes;
}

/// A file with that header and as many bytes of zeros.
inline std::string safetensorsFile(const std::string &header, size_t dataBytes) {
  return lengthBytes(header.size()) + header + std::string(dataBytes, '\0');
}

/// "path: message" in a line each.
inline std::string printed(const Diagnostics &diagnostics) {
  std::string result;
  for (const Problem &problem : diagnostics.problems())
    result += problem.path + ": " + problem.message + "\n";
  return result;
}

/// A folder that goes with the object.
class TemporaryFolder {
public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "tenon-folder-XXXXXX").string();
    if (!mkdtemp(name.data()))
      std::abort();
    path = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  TemporaryFolder(const TemporaryFolder &) = delete;
  TemporaryFolder &operator=(const TemporaryFolder &) = delete;

  TemporaryFolder &write(const std::string &name, const std::string &bytes) {
    std::ofstream(std::filesystem::path(path) / name, std::ios::binary) << bytes;
    return *this;
  }

  std::string path;
};

} // namespace tenon::huggingface
