//===- read.c - PTX text: words, names and directives --------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tenon/runtime/emu/read_impl.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_ERRORS = 8, MAX_WORD = 1 << 12 };

bool emu_fail(emu_reader *r, const char *format, ...) {
  r->failed = true;
  if (r->errors++ >= MAX_ERRORS)
    return false;
  char sentence[256];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(sentence, sizeof(sentence), format, arguments);
  va_end(arguments);
  size_t used = strlen(r->status.msg);
  r->status.code = TENON_UNSUPPORTED;
  snprintf(r->status.msg + used, sizeof(r->status.msg) - used, "%sPTX line %u: %s", used ? "; " : "", r->line, sentence);
  return false;
}

//===----------------------------------------------------------------------===//
// Words
//===----------------------------------------------------------------------===//

void emu_skip_blank(emu_reader *r) {
  while (r->at < r->end) {
    if (*r->at == '\n')
      ++r->line, ++r->at;
    else if (isspace((unsigned char)*r->at))
      ++r->at;
    else if (r->end - r->at >= 2 && r->at[0] == '/' && r->at[1] == '/')
      while (r->at < r->end && *r->at != '\n')
        ++r->at;
    else if (r->end - r->at >= 2 && r->at[0] == '/' && r->at[1] == '*') {
      r->at += 2;
      while (r->at < r->end && !(r->end - r->at >= 2 && r->at[0] == '*' && r->at[1] == '/'))
        r->line += *r->at++ == '\n';
      r->at = r->end - r->at >= 2 ? r->at + 2 : r->end;
    } else
      return;
  }
}

bool emu_peek(emu_reader *r, char c) {
  emu_skip_blank(r);
  return r->at < r->end && *r->at == c;
}

bool emu_accept(emu_reader *r, char c) {
  if (!emu_peek(r, c))
    return false;
  ++r->at;
  return true;
}

bool emu_expect(emu_reader *r, char c) {
  if (emu_accept(r, c))
    return true;
  return emu_fail(r, "expects '%c', but got %s%.1s%s", c, r->at < r->end ? "'" : "the end", r->at < r->end ? r->at : "",
                  r->at < r->end ? "'" : "");
}

static bool is_word(char c, bool dots) {
  return isalnum((unsigned char)c) || c == '_' || c == '$' || c == '%' || (dots && c == '.');
}

bool emu_word(emu_reader *r, bool dots, emu_text *out) {
  emu_skip_blank(r);
  const char *first = r->at;
  while (r->at < r->end && r->at - first < MAX_WORD) {
    if (is_word(*r->at, dots))
      ++r->at;
    else if (dots && r->end - r->at > 2 && r->at[0] == ':' && r->at[1] == ':')
      r->at += 2;
    else
      break;
  }
  *out = (emu_text){first, (int32_t)(r->at - first)};
  return out->length > 0;
}

bool emu_integer(emu_reader *r, int64_t *out) {
  emu_skip_blank(r);
  bool negative = emu_accept(r, '-');
  char digits[80];
  emu_text text;
  if (!emu_word(r, false, &text) || !isdigit((unsigned char)*text.at) || text.length >= (int32_t)sizeof(digits))
    return emu_fail(r, "expects an integer");
  memcpy(digits, text.at, (size_t)text.length);
  digits[text.length] = 0;
  if (digits[text.length - 1] == 'U')
    digits[text.length - 1] = 0;
  char *stop;
  uint64_t value = digits[0] == '0' && (digits[1] == 'b' || digits[1] == 'B') ? strtoull(digits + 2, &stop, 2) : strtoull(digits, &stop, 0);
  if (*stop)
    return emu_fail(r, "expects an integer, but got '%s'", digits);
  *out = (int64_t)(negative ? 0 - value : value);
  return true;
}

bool emu_next_is(const emu_reader *r, const char *at, char c) {
  while (at < r->end && isspace((unsigned char)*at))
    ++at;
  return at < r->end && *at == c;
}

int emu_count_elements(const char *at, const char *end) {
  int count = 1;
  for (; at < end && *at != '}' && *at != ';'; ++at)
    count += *at == ',';
  return count;
}

void emu_skip_statement(emu_reader *r) {
  while (r->at < r->end && *r->at != ';' && *r->at != '}')
    r->line += *r->at++ == '\n';
  if (r->at < r->end && *r->at == ';')
    ++r->at;
  r->failed = false;
}

bool emu_grow(emu_reader *r, void **data, int64_t count, int64_t *room, int64_t size) {
  if (count < *room)
    return true;
  int64_t more = *room ? 2 * *room : 64;
  if (more * size > INT64_C(1) << 30)
    return emu_fail(r, "expects less of everything than this text has");
  void *grown = realloc(*data, (size_t)(more * size));
  if (!grown) {
    emu_fail(r, "there is no memory");
    r->status.code = TENON_RESOURCE;
    return false;
  }
  *data = grown;
  *room = more;
  return true;
}

//===----------------------------------------------------------------------===//
// Names and constants
//===----------------------------------------------------------------------===//

bool emu_text_is(emu_text text, const char *word) {
  return text.length == (int32_t)strlen(word) && memcmp(text.at, word, (size_t)text.length) == 0;
}

bool emu_texts_equal(emu_text a, emu_text b) {
  return a.length == b.length && memcmp(a.at, b.at, (size_t)a.length) == 0;
}

// Names that are declared last come first. A register of a family is its place after the family's first.
const emu_name *emu_find_name(const emu_reader *r, emu_text text, uint32_t *value) {
  int32_t stem = text.length;
  while (stem > 0 && isdigit((unsigned char)text.at[stem - 1]))
    --stem;
  int64_t member = 0;
  for (int32_t i = stem; i < text.length && member < INT32_MAX; ++i)
    member = 10 * member + (text.at[i] - '0');
  for (int32_t i = r->name_count - 1; i >= 0; --i) {
    const emu_name *name = &r->names[i];
    bool is_member =
        name->family >= 0 && stem < text.length && member < name->family && emu_texts_equal(name->text, (emu_text){text.at, stem});
    if (!is_member && !(name->family < 0 && emu_texts_equal(name->text, text)))
      continue;
    uint32_t step = name->kind == EMU_NAME_PREDICATE ? 1 : (uint32_t)EMU_LANES * name->width;
    *value = name->value + (is_member ? (uint32_t)member * step : 0);
    return name;
  }
  return NULL;
}

bool emu_add_name(emu_reader *r, emu_name name) {
  if (!EMU_GROW(r, r->names, r->name_count, r->name_room))
    return false;
  r->names[r->name_count++] = name;
  return true;
}

emu_operand emu_address_constant(emu_reader *r, int32_t index, int width) {
  const emu_variable *variable = &r->module->variables[index];
  bool in_image = variable->space == EMU_GLOBAL || variable->space == EMU_CONST;
  emu_operand operand =
      emu_constant(r, in_image ? (uint64_t)(uintptr_t)(r->module->image + variable->offset) : (uint64_t)variable->offset, width);
  if (variable->space == EMU_SHARED && EMU_GROW(r, r->uses, r->use_count, r->use_room))
    r->uses[r->use_count++] = (emu_use){operand.at, width, index, r->function};
  return operand;
}

emu_operand emu_constant(emu_reader *r, uint64_t bits, int width) {
  emu_module *m = r->module;
  emu_operand operand = {.kind = EMU_CONSTANT, .width = (uint8_t)width, .at = m->constant_bytes};
  while (m->constant_bytes + EMU_LANES * width > r->constant_room)
    if (!emu_grow(r, (void **)&m->constants, r->constant_room, &r->constant_room, 1))
      return operand;
  for (int lane = 0; lane < EMU_LANES; ++lane) {
    uint8_t *at = m->constants + operand.at + lane * width;
    memset(at, 0, (size_t)width);
    memcpy(at, &bits, width < 8 ? (size_t)width : 8);
  }
  m->constant_bytes += (uint32_t)(EMU_LANES * width);
  return operand;
}

//===----------------------------------------------------------------------===//
// Shared memory
//===----------------------------------------------------------------------===//

static int64_t align_up(int64_t value, int64_t alignment) {
  return (value + alignment - 1) / alignment * alignment;
}

// What the module and functions that are called have lies first, then what the entry has, then what the launch adds, which arrays without
// a size stand for. If a function that is called has such an array, it lies at the same place for all entries.
void emu_place_shared(emu_reader *r) {
  emu_module *m = r->module;
  int64_t base = align_up(m->shared_bytes, 4096), alignment = 16, most = 0;
  bool called_has_array = false;
  for (int32_t i = 0; i < m->variable_count; ++i)
    if (m->variables[i].space == EMU_SHARED && m->variables[i].bytes == 0 && m->variables[i].alignment > alignment)
      alignment = m->variables[i].alignment;
  for (int32_t i = 0; i < r->use_count; ++i) {
    int32_t function = r->uses[i].function;
    called_has_array |= m->variables[r->uses[i].variable].bytes == 0 && !(function >= 0 && m->functions[function].is_entry);
  }
  for (int32_t i = 0; i < m->function_count; ++i) {
    emu_function *function = &m->functions[i];
    function->shared_bytes = align_up(function->shared_bytes ? base + function->shared_bytes : m->shared_bytes, alignment);
    most = function->shared_bytes > most ? function->shared_bytes : most;
  }
  for (int32_t i = 0; i < m->function_count; ++i)
    if (called_has_array)
      m->functions[i].shared_bytes = most;
  for (int32_t i = 0; i < r->use_count; ++i) {
    const emu_use *use = &r->uses[i];
    const emu_variable *variable = &m->variables[use->variable];
    bool is_own = variable->function >= 0 && m->functions[variable->function].is_entry;
    int64_t address =
        variable->bytes == 0 && use->function >= 0 ? m->functions[use->function].shared_bytes : variable->offset + (is_own ? base : 0);
    for (int lane = 0; lane < EMU_LANES; ++lane)
      memcpy(m->constants + use->constant + lane * use->width, &address, use->width < 8 ? (size_t)use->width : 8);
  }
}
