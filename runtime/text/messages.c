//===- messages.c - read the messages of a chat -------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/runtime/text/chat_impl.h"

#include <stdlib.h>

// Where the strings of the messages go; with a null message it only counts their bytes.
typedef struct writer {
  char *at;
  size_t bytes;
} writer;

static const char *put(writer *out, text_span text) {
  const char *begin = out->at;
  out->bytes += text.size;
  if (!out->at)
    return "";
  if (text.size)
    memcpy(out->at, text.data, text.size);
  out->at += text.size;
  return begin;
}

// A string is the content; of a list of parts, the texts are.
static size_t put_content(template_run *run, writer *out, const template_value *content, const char **begin) {
  size_t before = out->bytes;
  *begin = out->at ? out->at : "";
  if (content && content->kind == VALUE_STRING)
    put(out, content->string);
  for (size_t i = 0; content && content->kind == VALUE_LIST && i < content->list->count; ++i) {
    const template_value *part = &content->list->items[i];
    const template_value *text = part->kind == VALUE_DICT ? template_dict_find(run, part->dict, "text") : NULL;
    if (text && text->kind == VALUE_STRING)
      put(out, text->string);
  }
  return out->bytes - before;
}

static tenon_message read_message(template_run *run, writer *out, const template_value *message, text_span json, size_t place) {
  tenon_message made = {0};
  const template_value *role = template_dict_find(run, message->dict, "role");
  if (!role || role->kind != VALUE_STRING) {
    template_fail_plain(run, TENON_USAGE, "the messages: expects a string as the \"role\" of message %zu", place);
    return made;
  }
  made.role = put(out, role->string);
  made.role_size = role->string.size;
  made.content_size = put_content(run, out, template_dict_find(run, message->dict, "content"), &made.content);
  made.json = put(out, json);
  made.json_size = json.size;
  return made;
}

static void read_all(template_run *run, const template_list *list, tenon_message **messages, size_t *count) {
  writer counting = {NULL, 0};
  template_value texts = template_new_list(run, VALUE_LIST, list->count);
  for (size_t i = 0; i < list->count && !template_status(run).code; ++i) {
    template_list_add(run, texts.list, template_string(template_json(run, &list->items[i])));
    if (!template_status(run).code)
      read_message(run, &counting, &list->items[i], texts.list->items[i].string, i);
  }
  if (template_status(run).code)
    return;
  tenon_message *made = malloc(list->count * sizeof *made + counting.bytes + 1);
  if (!made) {
    template_fail_plain(run, TENON_RESOURCE, "out of memory");
    return;
  }
  writer writing = {(char *)(made + list->count), 0};
  for (size_t i = 0; i < list->count; ++i)
    made[i] = read_message(run, &writing, &list->items[i], texts.list->items[i].string, i);
  *messages = made;
  *count = list->count;
}

tenon_status tenon_messages_parse(const char *source, size_t size, tenon_message **messages, size_t *count) {
  if ((!source && size) || !messages || !count)
    return text_failure(TENON_USAGE, "expects JSON and places to store its messages");
  template_run *run = template_begin((text_span){NULL, 0}, text_chat_limits(size));
  if (!run)
    return text_out_of_memory();
  template_value value = template_read_json(run, (text_span){(const uint8_t *)source, size}, "the messages"), none = template_none();
  if (!template_status(run).code && value.kind == VALUE_DICT) {
    const template_value *member = template_dict_find(run, value.dict, "messages");
    value = member ? *member : none;
  }
  template_value list = template_status(run).code ? none : text_check_messages(run, &value);
  tenon_message *made = NULL;
  if (!template_status(run).code)
    read_all(run, list.list, &made, count);
  tenon_status status = template_status(run);
  template_end(run);
  if (status.code)
    free(made);
  else
    *messages = made;
  return status;
}
