//===- chat.c - a conversation, one message a line -----------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Before each answer the whole conversation is rendered by the model's template and encoded. Mostly that repeats what the session holds,
// and only the rest is fed. Where it doesn't (a template that rewrites earlier turns, an answer whose text encodes differently than it
// was generated), the session is rewound to the last turn up to which it does.
#include "generate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct conversation {
  tenon_message *messages; /* they own their texts */
  size_t message_count;
  tenon_mark *marks; /* the places before each turn was fed */
  size_t turns;
  tokens held; /* the session's sequence */
} conversation;

static tenon_status grow(void **items, size_t count, size_t size) {
  void *grown = realloc(*items, count * size);
  if (!grown)
    return tenon_failure(TENON_RESOURCE, "out of memory for the conversation");
  *items = grown;
  return success();
}

static tenon_status add_message(conversation *c, const char *role, const char *text, size_t size) {
  TRY(grow((void **)&c->messages, c->message_count + 1, sizeof(*c->messages)));
  char *copy = malloc(size + 1);
  if (!copy)
    return tenon_failure(TENON_RESOURCE, "out of memory for the conversation");
  memcpy(copy, text, size);
  c->messages[c->message_count++] = (tenon_message){.role = role, .role_size = strlen(role), .content = copy, .content_size = size};
  return success();
}

static tenon_status hold(conversation *c, const int32_t *ids, size_t count) {
  TRY(grow((void **)&c->held.ids, c->held.count + count + 1, sizeof(int32_t)));
  memcpy(c->held.ids + c->held.count, ids, count * sizeof(int32_t));
  c->held.count += count;
  return success();
}

// Goes back to the last turn up to which the session holds a prefix of `all`, if it does not now. At least one token of `all` must be
// left to feed, since the answer is chosen from the logits after it.
static tenon_status rewind_to_agreement(conversation *c, const tokens *all, tenon_session *session) {
  size_t common = 0;
  while (common < c->held.count && common < all->count && c->held.ids[common] == all->ids[common])
    ++common;
  if (common == c->held.count && common < all->count)
    return success();
  while (c->turns > 1 && (size_t)c->marks[c->turns - 1].position > common)
    --c->turns;
  c->held.count = (size_t)c->marks[c->turns - 1].position;
  return tenon_session_rewind(session, c->marks[c->turns - 1]);
}

static tenon_status feed_rest(conversation *c, const tokens *all, tenon_session *session) {
  TRY(rewind_to_agreement(c, all, session));
  TRY(grow((void **)&c->marks, c->turns + 1, sizeof(*c->marks)));
  TRY(tenon_session_mark(session, &c->marks[c->turns]));
  ++c->turns;
  const int32_t *rest = all->ids + c->held.count;
  size_t count = all->count - c->held.count;
  TRY(tenon_session_prefill(session, rest, count));
  return hold(c, rest, count);
}

static tenon_status answer_turn(const options *o, const tenon_tokenizer *tokenizer, tenon_session *session, conversation *c, answer *a) {
  tokens all;
  TRY(encode_messages(tokenizer, c->messages, c->message_count, &all));
  tenon_status status = all.count ? feed_rest(c, &all, session) : USAGE("the conversation has no tokens");
  free(all.ids);
  TRY(status);
  TRY(tenon_detokenizer_create(tokenizer, TENON_DECODE_CONTINUE, &a->detokenizer));
  TRY(generate_answer(o, session, a));
  TRY(hold(c, a->ids.ids, a->ids.count));
  return add_message(c, "assistant", a->text ? a->text : "", a->size);
}

// Reads a line without its end; false at the end of the input.
static bool read_line(char **line, size_t *room, size_t *size) {
  bool terminal = isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
  if (terminal)
    fputs("> ", stderr);
  ssize_t read = getline(line, room, stdin);
  if (read < 0)
    return false;
  while (read > 0 && ((*line)[read - 1] == '\n' || (*line)[read - 1] == '\r'))
    --read;
  *size = (size_t)read;
  return true;
}

static tenon_status converse(const options *o, const tenon_tokenizer *tokenizer, const tenon_module_info *info, tenon_session *session,
                             conversation *c, int64_t *first_ns) {
  char *line = NULL;
  size_t room = 0, size = 0;
  tenon_status status = success();
  while (status.code == TENON_OK && read_line(&line, &room, &size)) {
    if (size == 0)
      continue;
    status = add_message(c, "user", line, size);
    if (status.code != TENON_OK)
      break;
    answer answer = {.ending = info, .record = true, .status = success()};
    status = answer_turn(o, tokenizer, session, c, &answer);
    if (*first_ns == 0)
      *first_ns = answer.first_ns;
    answer_free(&answer);
  }
  free(line);
  return status;
}

tenon_status run_chat(const options *o, const tenon_tokenizer *tokenizer, const tenon_module_info *info, tenon_session *session,
                      int64_t *first_ns) {
  conversation c = {0};
  tenon_status status = converse(o, tokenizer, info, session, &c, first_ns);
  for (size_t i = 0; i < c.message_count; ++i)
    free((void *)(uintptr_t)c.messages[i].content);
  free(c.messages);
  free(c.marks);
  free(c.held.ids);
  return status;
}
