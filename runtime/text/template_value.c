//===- template_value.c - what chat templates compute with --------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/runtime/text/template_impl.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void template_refuse(template_run *run, text_span where, const char *what) {
  if (run->failure.code)
    return;
  int shown = where.size > 60 ? 60 : (int)where.size;
  run->failure = text_failure(TENON_UNSUPPORTED, "the chat template is not supported: %s at byte %td: %.*s", what,
                              where.data - run->source.data, shown, (const char *)where.data);
}

void template_expect(template_run *run, text_span *rest, const char *text, const char *otherwise) {
  if (!run->failure.code && !template_accept(rest, text))
    template_refuse(run, *rest, otherwise);
}

bool template_step(template_run *run) {
  if (!run->failure.code && ++run->steps > run->limit)
    run->failure = text_failure(TENON_RESOURCE, "the chat template takes too many steps");
  return !run->failure.code;
}

uint8_t *template_allocate(template_run *run, size_t size) {
  if (run->failure.code)
    return NULL;
  template_block *block = size > run->limit - run->block_bytes ? NULL : malloc(sizeof *block + size);
  if (!block) {
    run->failure = text_failure(TENON_RESOURCE, "the chat template makes too much text");
    return NULL;
  }
  block->next = run->blocks;
  run->blocks = block;
  run->block_bytes += size;
  return block->data;
}

bool template_truth(const template_value *value) {
  switch (value->kind) {
  case VALUE_UNDEFINED:
  case VALUE_NONE:
    return false;
  case VALUE_BOOLEAN:
  case VALUE_INTEGER:
    return value->integer != 0;
  case VALUE_STRING:
    return value->string.size != 0;
  case VALUE_MESSAGES:
    return value->first < value->last;
  case VALUE_MESSAGE:
  case VALUE_LOOP:
    return true;
  }
  return false;
}

// A name set again in the same scope is the same variable; in a loop it hides the one outside.
void template_define(template_run *run, text_span name, template_value value) {
  for (size_t i = run->scope; i < run->variable_count; ++i)
    if (text_same(run->variables[i].name, name)) {
      run->variables[i].value = value;
      return;
    }
  if (run->variable_count == TEMPLATE_VARIABLES)
    template_refuse(run, name, "too many variables");
  else
    run->variables[run->variable_count++] = (template_variable){name, value};
}

static text_span literal(const char *text) {
  return (text_span){(const uint8_t *)text, strlen(text)};
}

text_span template_print(template_run *run, const template_value *value) {
  switch (value->kind) {
  case VALUE_STRING:
    return value->string;
  case VALUE_NONE:
    return literal("None");
  case VALUE_BOOLEAN:
    return literal(value->integer ? "True" : "False");
  case VALUE_INTEGER: {
    uint8_t *digits = template_allocate(run, 24);
    if (!digits)
      return literal("");
    snprintf((char *)digits, 24, "%" PRId64, value->integer);
    return literal((const char *)digits);
  }
  case VALUE_MESSAGES:
  case VALUE_MESSAGE:
  case VALUE_LOOP:
    template_refuse(run, (text_span){run->source.data, 0}, "printing something that is not text");
    return literal("");
  case VALUE_UNDEFINED:
    break;
  }
  return literal("");
}
