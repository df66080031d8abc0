//===- template_fuzz.c - fuzz chat templates and their variables --*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The input is a template, a NUL and the JSON of its variables, or without a NUL a template alone. Whatever comes of it, it ends soon,
// and rendering twice gives as much text.
//===----------------------------------------------------------------------===//

#include "tenon/runtime/text/template/template.h"

#include <stdlib.h>

static const char variables[] =
    "{\"messages\": [{\"role\": \"user\", \"content\": \" Hi é\"}, {\"role\": \"assistant\", \"content\": null, "
    "\"tool_calls\": [{\"id\": \"1\", \"function\": {\"name\": \"f\", \"arguments\": {\"a\": [1, 2.5, \"x\"]}}}]}], "
    "\"tools\": [{\"type\": \"function\", \"function\": {\"name\": \"f\", \"parameters\": {\"type\": \"object\"}}}], "
    "\"x\": {\"a\": {\"b\": [3, 1, 2]}}, \"l\": [1, 2, 3], \"s\": \"a,b c\"}";

static void check(int holds) {
  if (!holds)
    abort();
}

static tenon_status render(text_span source, text_span json, char **text, size_t *size) {
  template_run *run = template_begin(source, (template_limits){100000, 8 << 20});
  check(run != NULL);
  template_value members = template_read_json(run, json, "the variables");
  if (!template_status(run).code && members.kind == VALUE_DICT)
    for (size_t i = 0; i < members.dict->count; ++i)
      template_define(run, members.dict->entries[i].key.string, members.dict->entries[i].value);
  tenon_status status = template_status(run);
  if (!status.code)
    status = template_render(run, text, size);
  check(status.code != 0 || (*text)[*size] == 0);
  check(text_valid_prefix((const uint8_t *)status.msg, strlen(status.msg)) == strlen(status.msg));
  template_end(run);
  return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const uint8_t *end = size ? memchr(data, 0, size) : NULL;
  text_span source = {data, end ? (size_t)(end - data) : size};
  text_span json = {(const uint8_t *)variables, sizeof variables - 1};
  if (end)
    json = (text_span){end + 1, size - source.size - 1};
  char *first = NULL, *second = NULL;
  size_t first_size = 0, second_size = 0;
  tenon_status once = render(source, json, &first, &first_size), again = render(source, json, &second, &second_size);
  check(once.code == again.code);
  check(once.code != 0 || first_size == second_size);
  free(first);
  free(second);
  return 0;
}
