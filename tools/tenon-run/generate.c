//===- generate.c - continues tokens and streams the answer --------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "generate.h"

#include "npy.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LOGITS_CHUNK = 64 /* positions whose logits are held at a time */ };

int64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

// Makes room for `more` items behind `count`.
static tenon_status reserve(void **items, size_t *room, size_t count, size_t more, size_t item_bytes) {
  if (*room - count >= more)
    return success();
  size_t grown_room = 2 * (count + more) + 64;
  void *grown = realloc(*items, grown_room * item_bytes);
  if (!grown)
    return tenon_failure(TENON_RESOURCE, "out of memory for the answer");
  *items = grown;
  *room = grown_room;
  return success();
}

static tenon_status write_text(answer *a, const char *text, size_t size) {
  if (size == 0)
    return success();
  a->last = text[size - 1];
  if (fwrite(text, 1, size, stdout) != size || fflush(stdout) != 0)
    return USAGE("cannot write to standard output");
  if (!a->record)
    return success();
  TRY(reserve((void **)&a->text, &a->room, a->size, size, 1));
  memcpy(a->text + a->size, text, size);
  a->size += size;
  return success();
}

static bool is_end(const tenon_module_info *info, int32_t token) {
  for (int64_t i = 0; i < info->eos_count; ++i)
    if (info->eos[i] == token)
      return true;
  return false;
}

static tenon_status take_token(answer *a, int32_t token, bool *stop) {
  if (a->count++ == 0)
    a->first_ns = now_ns();
  if (a->record) {
    TRY(reserve((void **)&a->ids.ids, &a->ids_room, a->ids.count, 1, sizeof(int32_t)));
    a->ids.ids[a->ids.count++] = token;
  }
  *stop = a->ending && is_end(a->ending, token);
  if (*stop)
    return success();
  if (!a->detokenizer) {
    printf("%s%d", a->count > 1 ? "," : "", token);
    return fflush(stdout) == 0 ? success() : USAGE("cannot write to standard output");
  }
  const char *text;
  size_t size;
  TRY(tenon_detokenizer_push(a->detokenizer, token, &text, &size));
  return write_text(a, text, size);
}

static int on_token(void *user, int32_t token) {
  answer *a = user;
  bool stop = false;
  a->status = take_token(a, token, &stop);
  return stop || a->status.code != TENON_OK;
}

void answer_free(answer *answer) {
  tenon_detokenizer_destroy(answer->detokenizer);
  free(answer->text);
  free(answer->ids.ids);
}

tenon_status generate_answer(const options *o, tenon_session *session, answer *a) {
  tenon_generate_options generate = {
      .sample = o->sample, .max_tokens = o->max_tokens < 0 ? 0 : o->max_tokens, .ignore_eos = a->ending != NULL};
  tenon_generation result = {0, TENON_STOP_LENGTH};
  if (o->max_tokens != 0)
    TRY(tenon_session_generate(session, &generate, on_token, a, &result));
  TRY(a->status);
  if (a->detokenizer) {
    const char *text;
    size_t size;
    tenon_detokenizer_flush(a->detokenizer, &text, &size);
    TRY(write_text(a, text, size));
  }
  if (a->last != '\n')
    putchar('\n');
  if (result.reason == TENON_STOP_CONTEXT)
    fprintf(stderr, "tenon-run: the context of %lld tokens is full\n", (long long)tenon_session_position(session));
  return success();
}

static tenon_status write_logits(const options *o, const tokens *input, int64_t vocabulary, tenon_session *session, FILE *file) {
  float *rows = malloc((size_t)(LOGITS_CHUNK * vocabulary) * sizeof(float));
  if (!rows)
    return tenon_failure(TENON_RESOURCE, "out of memory for logits");
  tenon_status status = success();
  for (size_t done = 0, count; done < input->count && status.code == TENON_OK; done += count) {
    count = input->count - done < LOGITS_CHUNK ? input->count - done : LOGITS_CHUNK;
    status = tenon_session_score(session, input->ids + done, count, rows);
    if (status.code == TENON_OK && fwrite(rows, sizeof(float) * (size_t)vocabulary, count, file) != count)
      status = USAGE("cannot write '%.80s'", o->logits);
  }
  free(rows);
  return status;
}

// Feeds the input and writes the logits after each token.
static tenon_status feed_with_logits(const options *o, const tokens *input, int64_t vocabulary, tenon_session *session) {
  int64_t shape[] = {(int64_t)input->count, vocabulary};
  FILE *file;
  TRY(npy_begin(o->logits, (DLDataType){kDLFloat, 32, 1}, 2, shape, &file));
  tenon_status status = write_logits(o, input, vocabulary, session, file);
  tenon_status closed = npy_end(o->logits, file);
  return status.code != TENON_OK ? status : closed;
}

// A sequence that goes on has begun already: the token that begins one is not fed again.
static void drop_begin(const tenon_tokenizer *tokenizer, tokens *input) {
  tenon_tokenizer_info info;
  tenon_tokenizer_get_info(tokenizer, &info);
  if (input->count > 1 && info.bos >= 0 && info.add_bos && input->ids[0] == info.bos)
    memmove(input->ids, input->ids + 1, --input->count * sizeof(*input->ids));
}

static tenon_status feed(const options *o, const tokens *input, int64_t vocabulary, tenon_session *session) {
  if (input->count == 0)
    return USAGE("the input has no tokens");
  if (o->logits)
    return feed_with_logits(o, input, vocabulary, session);
  return tenon_session_prefill(session, input->ids, input->count);
}

tenon_status run_generation(const options *o, const tenon_tokenizer *tokenizer, const tenon_module_info *info, tenon_session *session,
                            int64_t *first_ns) {
  tokens input;
  TRY(read_input(o, tokenizer, &input));
  if (o->load_state && tokenizer)
    drop_begin(tokenizer, &input);
  tenon_status status = feed(o, &input, info->vocabulary, session);
  free(input.ids);
  if (status.code != TENON_OK || o->max_tokens == 0 || (o->logits && o->max_tokens < 0))
    return status;
  answer answer = {.status = success()};
  if (!o->print_tokens)
    TRY(tenon_detokenizer_create(tokenizer, TENON_DECODE_CONTINUE, &answer.detokenizer));
  status = generate_answer(o, session, &answer);
  *first_ns = answer.first_ns;
  answer_free(&answer);
  return status;
}
