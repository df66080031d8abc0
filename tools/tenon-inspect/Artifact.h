//===- Artifact.h - an artifact open for reading ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_TOOLS_INSPECT_ARTIFACT_H
#define TENON_TOOLS_INSPECT_ARTIFACT_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
extern "C" {
#include "tenon/runtime/io/archive.h"
}

namespace tenon::inspect {

/// A mapped artifact, its members and what it says about itself. Nothing of it is executed, so it need not be for this machine.
class Artifact {
public:
  static llvm::Expected<std::unique_ptr<Artifact>> open(llvm::StringRef path);
  ~Artifact();
  Artifact(const Artifact &) = delete;

  llvm::ArrayRef<tenon_archive_member> members() const { return {archive.members, archive.count}; }
  /// Where a member's contents begin in the file.
  uint64_t offsetOf(const tenon_archive_member &member) const {
    return reinterpret_cast<const char *>(member.data) - file->getBufferStart();
  }
  uint64_t size() const { return file->getBufferSize(); }

  /// manifest.json and provenance.json; empty objects if they are not there.
  llvm::json::Object manifest, provenance;

private:
  Artifact() = default;
  llvm::Error readObject(const char *name, llvm::json::Object &object);

  std::unique_ptr<llvm::MemoryBuffer> file;
  tenon_archive archive = {};
};

/// Prints everything as one JSON object.
void printJson(llvm::raw_ostream &stream, const Artifact &artifact);

/// Prints everything as text.
void printText(llvm::raw_ostream &stream, const Artifact &artifact, llvm::StringRef path);

} // namespace tenon::inspect

#endif // TENON_TOOLS_INSPECT_ARTIFACT_H
