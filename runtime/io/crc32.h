//===- crc32.h - the checksum of zip -------------------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TENON_RUNTIME_IO_CRC32_H
#define TENON_RUNTIME_IO_CRC32_H

#include <stddef.h>
#include <stdint.h>

uint32_t tenon_crc32(const void *data, size_t size);

// The checksum of what `crc` is the checksum of, followed by `data`; 0 is that of nothing.
uint32_t tenon_crc32_more(uint32_t crc, const void *data, size_t size);

#endif /* TENON_RUNTIME_IO_CRC32_H */
