//===- llama_turns.c - llama.cpp's half of paired measurements -----*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// llama-turns MODEL THREADS CONTEXT        measures, a line each:
//
//   prefill N           a prompt of N tokens from an empty state, logits of its last token
//   decode BEFORE N     one token of N that follow one another after BEFORE others, logits of each
//
// As llama-bench does it: a pool of threads for the whole run, batches of 2048, parts of 512.
#include <ggml-cpu.h>
#include <llama.h>

#include <stdlib.h>

#include "turns.h"

struct peer {
  struct llama_context *context;
  struct ggml_threadpool *pool;
  int vocabulary;
};

static llama_token token_at(const struct peer *peer, int place) {
  return (llama_token)((1u + (unsigned)place * 2654435761u) % (unsigned)peer->vocabulary);
}

// Feeds `count` tokens in one batch; the last one's logits are made.
static int feed(struct peer *peer, int first, int count) {
  llama_token *tokens = malloc(sizeof *tokens * (size_t)count);
  if (!tokens)
    return 1;
  for (int i = 0; i < count; ++i)
    tokens[i] = token_at(peer, first + i);
  int status = llama_decode(peer->context, llama_batch_get_one(tokens, count));
  free(tokens);
  return status || !llama_get_logits_ith(peer->context, -1);
}

static bool measure(void *user, const char *line, struct turn *out) {
  struct peer *peer = user;
  int before = 0, count = 1, steps = 1;
  if (sscanf(line, "prefill %d", &count) != 1 && sscanf(line, "decode %d %d", &before, &steps) != 2)
    return false;
  llama_memory_clear(llama_get_memory(peer->context), 1);
  // The first token after a pause wakes the threads: it is not counted.
  if (before && (feed(peer, 0, before - 1) || feed(peer, before - 1, 1)))
    return false;
  struct turn begin = turn_now();
  for (int step = 0; step < steps; ++step)
    if (feed(peer, before + step, count))
      return false;
  *out = turn_since(begin, steps);
  ggml_threadpool_pause(peer->pool); // else its threads spin on, in the other's turn
  return true;
}

static void stay_silent(enum ggml_log_level level, const char *text, void *unused) {
  (void)unused;
  if (level == GGML_LOG_LEVEL_ERROR)
    fputs(text, stderr);
}

int main(int argc, char **argv) {
  if (argc != 4) {
    fprintf(stderr, "usage: llama-turns MODEL THREADS CONTEXT\n");
    return 1;
  }
  int threads = atoi(argv[2]);
  llama_log_set(stay_silent, NULL);
  llama_backend_init();
  struct llama_model *model = llama_model_load_from_file(argv[1], llama_model_default_params());
  struct llama_context_params params = llama_context_default_params();
  params.n_ctx = (uint32_t)atoi(argv[3]);
  params.n_batch = 2048;
  params.n_threads = params.n_threads_batch = threads;
  struct llama_context *context = model ? llama_init_from_model(model, params) : NULL;
  if (!context) {
    fprintf(stderr, "llama-turns: cannot use %s\n", argv[1]);
    return 1;
  }
  struct ggml_threadpool_params pool = ggml_threadpool_params_default(threads);
  struct peer peer = {context, ggml_threadpool_new(&pool), llama_vocab_n_tokens(llama_model_get_vocab(model))};
  llama_attach_threadpool(context, peer.pool, NULL);
  return take_turns(measure, &peer);
}
