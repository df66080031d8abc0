//===- bytes.c - statuses, growing buffers and UTF-8 --------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/runtime/text/bytes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void tenon_text_free(void *memory) {
  free(memory);
}

tenon_status text_failure(int32_t code, const char *format, ...) {
  tenon_status status;
  status.code = code;
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(status.msg, sizeof status.msg, format, arguments);
  va_end(arguments);
  return status;
}

tenon_status text_out_of_memory(void) {
  return text_failure(TENON_RESOURCE, "out of memory");
}

void text_append(text_buffer *buffer, const void *data, size_t size) {
  if (buffer->failed || !size)
    return;
  if (size > SIZE_MAX / 4 - buffer->size || (buffer->limit && size > buffer->limit - buffer->size)) {
    buffer->failed = true;
    return;
  }
  if (size > buffer->capacity - buffer->size) {
    size_t capacity = 2 * (buffer->size + size) + 64;
    char *grown = realloc(buffer->data, capacity);
    if (!grown) {
      buffer->failed = true;
      return;
    }
    buffer->data = grown;
    buffer->capacity = capacity;
  }
  memcpy(buffer->data + buffer->size, data, size);
  buffer->size += size;
}

void text_append_character(text_buffer *buffer, uint32_t character) {
  uint8_t bytes[4];
  size_t size = 1;
  if (character < 0x80) {
    bytes[0] = (uint8_t)character;
  } else if (character < 0x800) {
    bytes[0] = (uint8_t)(0xc0 | character >> 6);
    size = 2;
  } else if (character < 0x10000) {
    bytes[0] = (uint8_t)(0xe0 | character >> 12);
    size = 3;
  } else {
    bytes[0] = (uint8_t)(0xf0 | character >> 18);
    size = 4;
  }
  for (size_t i = 1; i < size; ++i)
    bytes[i] = (uint8_t)(0x80 | (character >> (6 * (size - 1 - i)) & 0x3f));
  text_append(buffer, bytes, size);
}

tenon_status text_finish(text_buffer *buffer, char **text, size_t *size) {
  size_t length = buffer->size;
  size_t limit = buffer->limit;
  buffer->limit = 0;
  text_append(buffer, "", 1);
  if (buffer->failed) {
    free(buffer->data);
    *buffer = (text_buffer){0};
    return limit ? text_failure(TENON_RESOURCE, "the text is longer than %zu bytes, or memory is used up", limit) : text_out_of_memory();
  }
  *text = buffer->data;
  *size = length;
  return text_ok();
}

//===----------------------------------------------------------------------===//
// UTF-8
//===----------------------------------------------------------------------===//

// The number of bytes of a character with this lead byte, 0 if it is no lead byte.
static size_t character_size(uint8_t lead) {
  if (lead < 0x80)
    return 1;
  if (lead < 0xc2)
    return 0;
  if (lead < 0xe0)
    return 2;
  if (lead < 0xf0)
    return 3;
  return lead < 0xf5 ? 4 : 0;
}

// Whether the first `have` bytes may begin a character of this lead byte: the second byte excludes overlong forms, surrogates and
// values above U+10FFFF.
static bool continues(const uint8_t *data, size_t have) {
  uint8_t low = 0x80, high = 0xbf;
  switch (data[0]) {
  case 0xe0:
    low = 0xa0;
    break;
  case 0xed:
    high = 0x9f;
    break;
  case 0xf0:
    low = 0x90;
    break;
  case 0xf4:
    high = 0x8f;
    break;
  default:
    break;
  }
  if (have > 1 && (data[1] < low || data[1] > high))
    return false;
  for (size_t i = 2; i < have; ++i)
    if ((data[i] & 0xc0) != 0x80)
      return false;
  return true;
}

size_t text_character(const uint8_t *data, size_t size) {
  if (!size)
    return 0;
  size_t need = character_size(data[0]);
  return need && need <= size && continues(data, need) ? need : 0;
}

uint32_t text_read(const uint8_t *data, size_t size, size_t *length) {
  *length = text_character(data, size);
  switch (*length) {
  case 1:
    return data[0];
  case 2:
    return (data[0] & 0x1fu) << 6 | (data[1] & 0x3fu);
  case 3:
    return (data[0] & 0x0fu) << 12 | (data[1] & 0x3fu) << 6 | (data[2] & 0x3fu);
  case 4:
    return (data[0] & 0x07u) << 18 | (data[1] & 0x3fu) << 12 | (data[2] & 0x3fu) << 6 | (data[3] & 0x3fu);
  default:
    *length = 1;
    return TEXT_NO_CHARACTER | data[0];
  }
}

size_t text_character_before(const uint8_t *data, size_t size) {
  for (size_t back = 1; back <= 4 && back <= size; ++back)
    if ((data[size - back] & 0xc0) != 0x80)
      return text_character(data + size - back, back) == back ? back : 0;
  return 0;
}

size_t text_valid_prefix(const uint8_t *data, size_t size) {
  size_t at = 0;
  while (at < size) {
    uint64_t word;
    if (size - at >= sizeof word) {
      memcpy(&word, data + at, sizeof word);
      if (!(word & UINT64_C(0x8080808080808080))) {
        at += sizeof word;
        continue;
      }
    }
    size_t step = text_character(data + at, size - at);
    if (!step)
      break;
    at += step;
  }
  return at;
}

size_t text_incomplete_suffix(const uint8_t *data, size_t size) {
  for (size_t back = 1; back <= 3 && back <= size; ++back) {
    const uint8_t *lead = data + size - back;
    if ((*lead & 0xc0) == 0x80)
      continue;
    return character_size(*lead) > back && continues(lead, back) ? back : 0;
  }
  return 0;
}
