//===- chat.c - render messages by a chat template ----------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/runtime/text/template_impl.h"

#include <stdlib.h>

static void define(template_run *run, const char *name, template_value value) {
  template_define(run, (text_span){(const uint8_t *)name, strlen(name)}, value);
}

static void define_token(template_run *run, const char *name, const tenon_tokenizer *tokenizer, int32_t id) {
  if (id < 0)
    return;
  text_span token = text_token(tokenizer, (uint32_t)id);
  define(run, name, template_string(token.data, token.size));
}

// A template's text grows with its messages. What goes far beyond is a loop within a loop, or worse.
static size_t work_limit(const template_run *run) {
  size_t bytes = 0;
  for (size_t i = 0; i < run->message_count; ++i)
    bytes += run->messages[i].role_size + run->messages[i].content_size;
  return 65536 + 16 * bytes + 16 * (run->message_count + 1) * (run->source.size + 256);
}

tenon_status tenon_chat_render(const tenon_tokenizer *tokenizer, const tenon_message *messages, size_t count, int add_generation_prompt,
                               char **text, size_t *size) {
  if (!tokenizer || (!messages && count) || !text || !size)
    return text_failure(TENON_USAGE, "expects a tokenizer, messages and places to store the text");
  if (!tokenizer->chat_template.size)
    return text_failure(TENON_UNSUPPORTED, "the model has no chat template; give it a plain prompt");
  template_run *run = calloc(1, sizeof *run);
  if (!run)
    return text_out_of_memory();
  run->source = tokenizer->chat_template;
  run->messages = messages;
  run->message_count = count;
  run->limit = run->out.limit = work_limit(run);
  template_segment *segments = NULL;
  run->failure = template_cut(run->source, &segments, &run->count);
  if (!run->failure.code) {
    run->segments = segments;
    define(run, "messages", (template_value){.kind = VALUE_MESSAGES, .first = 0, .last = count});
    define(run, "add_generation_prompt", template_boolean(add_generation_prompt != 0));
    define_token(run, "bos_token", tokenizer, tokenizer->bos);
    define_token(run, "eos_token", tokenizer, tokenizer->eos);
    template_execute(run);
    free(segments);
  }
  for (template_block *block = run->blocks, *next; block; block = next) {
    next = block->next;
    free(block);
  }
  tenon_status status = run->failure;
  if (status.code)
    free(run->out.data);
  else
    status = text_finish(&run->out, text, size);
  free(run);
  return status;
}
