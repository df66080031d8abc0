//===- Artifact.cpp - an artifact open for reading ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Artifact.h"

using namespace llvm;

namespace tenon::inspect {

Artifact::~Artifact() { tenon_archive_close(&archive); }

static Error errorOf(const tenon_status &status) { return createStringError(status.msg); }

Expected<std::unique_ptr<Artifact>> Artifact::open(StringRef path) {
  auto buffer = MemoryBuffer::getFile(path, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!buffer)
    return createStringError("cannot read '" + path + "': " + buffer.getError().message());
  std::unique_ptr<Artifact> artifact(new Artifact);
  artifact->file = std::move(*buffer);
  tenon_status status =
      tenon_archive_open(artifact->file->getBufferStart(), artifact->file->getBufferSize(), path.str().c_str(), &artifact->archive);
  if (status.code != 0)
    return errorOf(status);
  if (Error error = artifact->readObject("manifest.json", artifact->manifest))
    return std::move(error);
  if (Error error = artifact->readObject("provenance.json", artifact->provenance))
    return std::move(error);
  return std::move(artifact);
}

Error Artifact::readObject(const char *name, json::Object &object) {
  const tenon_archive_member *member = tenon_archive_find(&archive, name);
  if (!member)
    return Error::success();
  if (tenon_status status = tenon_archive_verify(member); status.code != 0)
    return errorOf(status);
  Expected<json::Value> value = json::parse(StringRef(reinterpret_cast<const char *>(member->data), member->size));
  if (!value)
    return createStringError(StringRef("'") + name + "' is not JSON: " + toString(value.takeError()));
  if (!value->getAsObject())
    return createStringError(StringRef("'") + name + "' is not a JSON object");
  object = std::move(*value->getAsObject());
  return Error::success();
}

} // namespace tenon::inspect
