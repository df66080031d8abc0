//===- crc32.c - the checksum of zip -------------------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Eight bytes a step by eight tables, which are made on the stack: 2048 entries cost microseconds, and nothing is global.
#include "tenon/runtime/io/crc32.h"

uint32_t tenon_crc32(const void *data, size_t size) {
  return tenon_crc32_more(0, data, size);
}

uint32_t tenon_crc32_more(uint32_t crc, const void *data, size_t size) {
  uint32_t table[8][256];
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit)
      value = (value >> 1) ^ (UINT32_C(0xedb88320) & (0u - (value & 1)));
    table[0][i] = value;
  }
  for (uint32_t i = 0; i < 256; ++i)
    for (int t = 1; t < 8; ++t)
      table[t][i] = (table[t - 1][i] >> 8) ^ table[0][table[t - 1][i] & 0xff];

  const uint8_t *bytes = data;
  crc = ~crc;
  for (; size >= 8; size -= 8, bytes += 8) {
    uint32_t low = crc ^ ((uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24);
    crc = table[7][low & 0xff] ^ table[6][low >> 8 & 0xff] ^ table[5][low >> 16 & 0xff] ^ table[4][low >> 24] ^ table[3][bytes[4]] ^
          table[2][bytes[5]] ^ table[1][bytes[6]] ^ table[0][bytes[7]];
  }
  for (; size > 0; --size, ++bytes)
    crc = (crc >> 8) ^ table[0][(crc ^ *bytes) & 0xff];
  return ~crc;
}
