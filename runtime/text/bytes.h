//===- bytes.h - statuses, growing buffers and UTF-8 --------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What tokenizers and templates both stand on. Not installed.
//===----------------------------------------------------------------------===//

#ifndef TENON_RUNTIME_TEXT_BYTES_H
#define TENON_RUNTIME_TEXT_BYTES_H

#include "tenon/runtime/text/text.h"

#include <stdbool.h>

tenon_status text_failure(int32_t code, const char *format, ...) __attribute__((format(printf, 2, 3)));
tenon_status text_out_of_memory(void);
static inline tenon_status text_ok(void) {
  tenon_status status;
  status.code = TENON_OK;
  status.msg[0] = 0;
  return status;
}

typedef struct text_span {
  const uint8_t *data;
  size_t size;
} text_span;

static inline uint32_t text_load_u32(const uint8_t *at) {
  return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

// Bytes that grow at the end. Once an append failed, `failed` stays set and further appends do nothing.
typedef struct text_buffer {
  char *data;
  size_t size;
  size_t capacity;
  size_t limit; /* 0: none */
  bool failed;
} text_buffer;

void text_append(text_buffer *buffer, const void *data, size_t size);
// Appends a character as UTF-8.
void text_append_character(text_buffer *buffer, uint32_t character);
// Appends a NUL that `size` does not count and hands the memory over; on failure frees it.
tenon_status text_finish(text_buffer *buffer, char **text, size_t *size);

// The length of the well-formed UTF-8 character at the start of data, 0 if there is none.
size_t text_character(const uint8_t *data, size_t size);
// Reads the character at the start of data and its length; a byte that begins none is read as TEXT_NO_CHARACTER | byte.
uint32_t text_read(const uint8_t *data, size_t size, size_t *length);
#define TEXT_NO_CHARACTER 0x80000000u
// The length of the well-formed character that ends where data ends, 0 if there is none.
size_t text_character_before(const uint8_t *data, size_t size);
// How many bytes at the start of data are well-formed UTF-8.
size_t text_valid_prefix(const uint8_t *data, size_t size);
// How many bytes at the end of data begin a character that more bytes could complete.
size_t text_incomplete_suffix(const uint8_t *data, size_t size);

#endif /* TENON_RUNTIME_TEXT_BYTES_H */
