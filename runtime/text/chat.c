//===- chat.c - render messages by a chat template ----------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A template finds what Hugging Face's apply_chat_template gives it: messages, tools and documents (none unless given),
// add_generation_prompt, the special tokens, and whatever else the caller names.
//===----------------------------------------------------------------------===//

#include "tenon/runtime/text/chat_impl.h"

// Work grows with the input; what goes far beyond is a template that loops.
template_limits text_chat_limits(size_t input) {
  return (template_limits){.steps = 8000000 + 64 * (uint64_t)input, .bytes = ((size_t)64 << 20) + 32 * (input < SIZE_MAX / 64 ? input : 0)};
}

static void define(template_run *run, const char *name, template_value value) {
  template_define(run, template_span(name), value);
}

static void define_token(template_run *run, const char *name, const tenon_tokenizer *tokenizer, int32_t id) {
  if (id >= 0)
    define(run, name, template_string(text_token(tokenizer, (uint32_t)id)));
}

static tenon_status begin(const tenon_tokenizer *tokenizer, size_t input, int add_generation_prompt, template_run **out) {
  if (!tokenizer->chat_template.size)
    return text_failure(TENON_UNSUPPORTED, "the model has no chat template; give it a plain prompt");
  template_run *run = template_begin(tokenizer->chat_template, text_chat_limits(input + tokenizer->chat_template.size));
  if (!run)
    return text_out_of_memory();
  define(run, "messages", template_none());
  define(run, "tools", template_none());
  define(run, "documents", template_none());
  define(run, "add_generation_prompt", template_boolean(add_generation_prompt != 0));
  define_token(run, "bos_token", tokenizer, tokenizer->bos);
  define_token(run, "eos_token", tokenizer, tokenizer->eos);
  define_token(run, "unk_token", tokenizer, tokenizer->unk);
  define_token(run, "pad_token", tokenizer, tokenizer->pad);
  *out = run;
  return text_ok();
}

static tenon_status finish(template_run *run, char **text, size_t *size) {
  tenon_status status = template_status(run);
  if (!status.code)
    status = template_render(run, text, size);
  template_end(run);
  return status;
}

//===----------------------------------------------------------------------===//
// Messages
//===----------------------------------------------------------------------===//

// Reasoning has three names. What a message calls it, templates find as `reasoning_content`, and as `thinking`.
static template_value with_reasoning(template_run *run, template_value message) {
  static const char *const names[] = {"reasoning_content", "thinking", "reasoning"};
  const template_value *reasoning = NULL;
  for (size_t i = 0; i < 3 && (!reasoning || reasoning->kind == VALUE_NONE); ++i)
    reasoning = template_dict_find(run, message.dict, names[i]);
  if (!reasoning || reasoning->kind == VALUE_NONE)
    return message;
  template_value found = *reasoning, made = template_new_dict(run, VALUE_DICT);
  if (template_status(run).code)
    return message;
  template_dict_set(run, made.dict, template_literal("thinking"), found);
  for (size_t i = 0; i < message.dict->count; ++i)
    template_dict_set(run, made.dict, message.dict->entries[i].key, message.dict->entries[i].value);
  template_dict_set(run, made.dict, template_literal("reasoning_content"), found);
  return made;
}

template_value text_check_messages(template_run *run, const template_value *messages) {
  template_value made = template_new_list(run, VALUE_LIST, 0);
  if (messages->kind != VALUE_LIST)
    template_fail_plain(run, TENON_USAGE, "the messages: expects an array of messages, or an object with \"messages\"");
  for (size_t i = 0; !template_status(run).code && i < messages->list->count; ++i) {
    const template_value *message = &messages->list->items[i];
    if (message->kind != VALUE_DICT)
      template_fail_plain(run, TENON_USAGE, "the messages: expects an object as message %zu", i);
    else
      template_list_add(run, made.list, with_reasoning(run, *message));
  }
  return made;
}

static template_value read_message(template_run *run, const tenon_message *message) {
  if (message->json)
    return template_read_json(run, (text_span){(const uint8_t *)message->json, message->json_size}, "the message");
  template_value made = template_new_dict(run, VALUE_DICT);
  if (template_status(run).code)
    return made;
  const text_span role = {(const uint8_t *)message->role, message->role_size};
  const text_span content = {(const uint8_t *)message->content, message->content_size};
  template_dict_set(run, made.dict, template_literal("role"), template_string(role));
  template_dict_set(run, made.dict, template_literal("content"), template_string(content));
  return made;
}

tenon_status tenon_chat_render(const tenon_tokenizer *tokenizer, const tenon_message *messages, size_t count, int add_generation_prompt,
                               char **text, size_t *size) {
  if (!tokenizer || (!messages && count) || !text || !size)
    return text_failure(TENON_USAGE, "expects a tokenizer, messages and places to store the text");
  size_t input = 0;
  for (size_t i = 0; i < count; ++i)
    input += 64 + messages[i].role_size + messages[i].content_size + messages[i].json_size;
  template_run *run = NULL;
  tenon_status status = begin(tokenizer, input, add_generation_prompt, &run);
  if (status.code)
    return status;
  template_value list = template_new_list(run, VALUE_LIST, count);
  for (size_t i = 0; i < count && !template_status(run).code; ++i)
    template_list_add(run, list.list, read_message(run, &messages[i]));
  if (!template_status(run).code)
    define(run, "messages", text_check_messages(run, &list));
  return finish(run, text, size);
}

//===----------------------------------------------------------------------===//
// JSON
//===----------------------------------------------------------------------===//

static void define_members(template_run *run, const template_dict *members) {
  const template_value *messages = template_dict_find(run, members, "messages");
  const template_value nothing = template_none();
  if (template_dict_find(run, members, "continue_final_message"))
    template_fail_plain(run, TENON_UNSUPPORTED, "the messages: \"continue_final_message\" is not supported");
  for (size_t i = 0; i < members->count; ++i)
    template_define(run, members->entries[i].key.string, members->entries[i].value);
  define(run, "messages", text_check_messages(run, messages ? messages : &nothing));
}

tenon_status tenon_chat_render_json(const tenon_tokenizer *tokenizer, const char *json, size_t json_size, int add_generation_prompt,
                                    char **text, size_t *size) {
  if (!tokenizer || (!json && json_size) || !text || !size)
    return text_failure(TENON_USAGE, "expects a tokenizer, JSON and places to store the text");
  template_run *run = NULL;
  tenon_status status = begin(tokenizer, json_size, add_generation_prompt, &run);
  if (status.code)
    return status;
  template_value value = template_read_json(run, (text_span){(const uint8_t *)json, json_size}, "the messages");
  if (!template_status(run).code && value.kind == VALUE_DICT)
    define_members(run, value.dict);
  else if (!template_status(run).code)
    define(run, "messages", text_check_messages(run, &value));
  return finish(run, text, size);
}
