//===- run.c - limits, memory and output of a rendering -----------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Memory comes in blocks and goes all at once. Work is counted where loops are; a rendering that does too much of it, or takes too much
// memory, ends with a failure that says so.
//===----------------------------------------------------------------------===//

#include "tenon/runtime/text/template/tree_impl.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

//===----------------------------------------------------------------------===//
// Failures and limits
//===----------------------------------------------------------------------===//

void template_fail_plain(template_run *run, int32_t code, const char *format, ...) {
  if (run->failure.code)
    return;
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(run->failure.msg, sizeof run->failure.msg, format, arguments);
  va_end(arguments);
  run->failure.code = code;
}

void template_fail(template_run *run, int32_t code, const char *format, ...) {
  if (run->failure.code)
    return;
  char *message = run->failure.msg;
  int prefix = snprintf(message, sizeof run->failure.msg, "the chat template, line %u: ", run->line);
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(message + prefix, sizeof run->failure.msg - (size_t)prefix, format, arguments);
  va_end(arguments);
  // A character that did not fit must not leave its first half behind.
  message[text_valid_prefix((const uint8_t *)message, strlen(message))] = 0;
  run->failure.code = code;
}

bool template_work(template_run *run, size_t steps) {
  if (run->failure.code)
    return false;
  run->steps += steps;
  if (run->steps > run->limits.steps)
    template_fail(run, TENON_RESOURCE, "the template takes more than %llu steps", (unsigned long long)run->limits.steps);
  else if (run->out.failed)
    template_fail(run, TENON_RESOURCE, "the template makes more than %zu bytes of text, or memory is used up", run->limits.bytes);
  return !run->failure.code;
}

bool template_deeper(template_run *run) {
  if (++run->depth > TEMPLATE_DEPTH)
    template_fail(run, TENON_RESOURCE, "expressions, blocks or macros are nested more than %d deep", TEMPLATE_DEPTH);
  return template_step(run);
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

#define BLOCK_SIZE ((size_t)32768)

static bool new_block(template_run *run, size_t size) {
  size_t room = size > BLOCK_SIZE ? size : BLOCK_SIZE;
  template_block *block = room > run->limits.bytes - run->bytes ? NULL : malloc(sizeof *block + room);
  if (!block) {
    template_fail(run, TENON_RESOURCE, "the template takes more than %zu bytes, or memory is used up", run->limits.bytes);
    return false;
  }
  block->next = run->blocks;
  block->size = room;
  run->blocks = block;
  run->bytes += room;
  run->free = (uint8_t *)(block + 1);
  run->free_size = room;
  return true;
}

void *template_allocate(template_run *run, size_t count, size_t size) {
  if (run->failure.code)
    return NULL;
  const size_t limit = SIZE_MAX / 4;
  size_t total = count && size > limit / count ? limit : count * size;
  total = (total + 15) & ~(size_t)15;
  if (total > run->free_size && !new_block(run, total))
    return NULL;
  void *memory = run->free;
  run->free += total;
  run->free_size -= total;
  return memory;
}

void *template_grow(template_run *run, void *items, size_t count, size_t *capacity, size_t size) {
  if (count < *capacity)
    return items;
  size_t grown = *capacity ? 2 * *capacity : 4;
  void *memory = template_allocate(run, grown, size);
  if (!memory)
    return NULL;
  if (count)
    memcpy(memory, items, count * size);
  *capacity = grown;
  return memory;
}

uint8_t *template_bytes(template_run *run, size_t size) {
  return template_work(run, size / 64) ? template_allocate(run, size, 1) : NULL;
}

template_value template_copy(template_run *run, const void *data, size_t size) {
  uint8_t *bytes = template_bytes(run, size);
  if (!bytes)
    return template_literal("");
  if (size)
    memcpy(bytes, data, size);
  return template_string((text_span){bytes, size});
}

// Stands before the bytes of a long string that was joined: how many bytes there are room for, and how many are used.
typedef struct room {
  size_t capacity;
  size_t used;
} room;

template_value template_joined(template_run *run, const template_value *left, text_span right) {
  const size_t size = left->string.size + right.size;
  room *held = left->flags & VALUE_ROOM ? (room *)(uintptr_t)(left->string.data - sizeof(room)) : NULL;
  template_value made = *left;
  if (!template_work(run, right.size / 64))
    return made;
  bool fits = held && held->used == left->string.size && held->capacity >= size;
  if (!fits && size < 256) {
    uint8_t *bytes = template_bytes(run, size);
    if (!bytes)
      return made;
    if (left->string.size)
      memcpy(bytes, left->string.data, left->string.size);
    made = template_string((text_span){bytes, left->string.size});
  } else if (!fits) {
    held = (room *)(void *)template_bytes(run, sizeof(room) + size + size / 2);
    if (!held)
      return made;
    held->capacity = size + size / 2;
    memcpy(held + 1, left->string.data, left->string.size);
    made = template_string((text_span){(uint8_t *)(held + 1), left->string.size});
    made.flags = VALUE_ROOM;
  }
  if (right.size)
    memcpy((uint8_t *)(uintptr_t)made.string.data + made.string.size, right.data, right.size);
  made.string.size = size;
  if (made.flags & VALUE_ROOM)
    held->used = size;
  return made;
}

//===----------------------------------------------------------------------===//
// Output
//===----------------------------------------------------------------------===//

void template_put(template_run *run, const void *data, size_t size) {
  if (template_work(run, 1 + size / 64))
    text_append(&run->out, data, size);
}

template_value template_captured(template_run *run, size_t begin) {
  if (run->out.size <= begin)
    return template_literal("");
  template_value text = template_copy(run, run->out.data + begin, run->out.size - begin);
  run->out.size = begin;
  return text;
}

//===----------------------------------------------------------------------===//
// From beginning to end
//===----------------------------------------------------------------------===//

template_run *template_begin(text_span source, template_limits limits) {
  template_run *run = calloc(1, sizeof *run);
  if (!run)
    return NULL;
  run->source = source;
  run->limits = limits;
  run->out.limit = limits.bytes;
  run->failure = text_ok();
  run->scope = template_push_scope(run, NULL);
  if (!run->scope) {
    free(run);
    return NULL;
  }
  // Numbers and dates are read and written as in the C locale, whatever the program around has set.
  run->plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
  if (run->plain)
    run->before = uselocale(run->plain);
  return run;
}

void template_define(template_run *run, text_span name, template_value value) {
  template_scope *scope = run->scope;
  for (size_t i = 0; i < scope->count; ++i)
    if (template_same(scope->variables[i].name, name)) {
      scope->variables[i].value = value;
      return;
    }
  template_work(run, scope->count / 16);
  scope->variables = template_grow(run, scope->variables, scope->count, &scope->capacity, sizeof *scope->variables);
  if (scope->variables)
    scope->variables[scope->count++] = (template_variable){name, value};
  else
    scope->count = scope->capacity = 0;
}

tenon_status template_status(const template_run *run) {
  return run->failure;
}

tenon_status template_render(template_run *run, char **text, size_t *size) {
  const template_node *body = template_parse(run);
  if (!template_failed(run))
    template_execute(run, body);
  template_work(run, 0);
  if (template_failed(run))
    return run->failure;
  text_buffer out = run->out;
  run->out = (text_buffer){0};
  return text_finish(&out, text, size);
}

void template_end(template_run *run) {
  if (!run)
    return;
  if (run->plain) {
    uselocale(run->before);
    freelocale(run->plain);
  }
  for (template_block *block = run->blocks, *next; block; block = next) {
    next = block->next;
    free(block);
  }
  free(run->out.data);
  free(run);
}
