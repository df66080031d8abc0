//===- artifact_fuzz.c - any bytes as an artifact's zip file ---*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The table of contents is refused with a sentence, or every member lies in the file, is found by its name and can be read.

#include "tenon/runtime/io/archive.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  tenon_archive archive;
  tenon_status status = tenon_archive_open(data, size, "fuzz.tenon", &archive);
  if (status.code != TENON_OK) {
    if (status.msg[0] == 0)
      abort(); // a refusal without a reason
    return 0;
  }
  for (size_t i = 0; i < archive.count; ++i) {
    const tenon_archive_member *member = &archive.members[i];
    if (member->data < data || member->size > size || (size_t)(member->data - data) > size - member->size)
      abort();
    if (!tenon_archive_find(&archive, member->name))
      abort();
    tenon_archive_verify(member);
  }
  tenon_archive_close(&archive);
  return 0;
}
