//===- llama_logits.c - logits and greedy tokens of llama.cpp, as files ---*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// llama-logits MODEL THREADS OUT.f32 < tokens
//
// Each line of the input is one prompt, its token ids separated by commas. For each prompt the logits of
// every position are appended to OUT.f32 as raw little-endian float32. A line "greedy N:1,2,3" prints instead
// the N tokens that follow greedily. The bench scripts call this; it links the peer's own library.
#include <llama.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_TOKENS = 4096 };

static int parse_tokens(const char *text, llama_token *tokens) {
  int count = 0;
  while (count < MAX_TOKENS) {
    char *end;
    long id = strtol(text, &end, 10);
    if (end == text)
      break;
    tokens[count++] = (llama_token)id;
    if (*end != ',')
      break;
    text = end + 1;
  }
  return count;
}

static int feed(struct llama_context *context, const llama_token *tokens, int count, int first, int all) {
  struct llama_batch batch = llama_batch_init(count, 0, 1);
  batch.n_tokens = count;
  for (int i = 0; i < count; ++i) {
    batch.token[i] = tokens[i];
    batch.pos[i] = first + i;
    batch.n_seq_id[i] = 1;
    batch.seq_id[i][0] = 0;
    batch.logits[i] = (int8_t)(all || i == count - 1);
  }
  int status = llama_decode(context, batch);
  llama_batch_free(batch);
  return status;
}

static llama_token best(const float *logits, int vocab) {
  llama_token winner = 0;
  for (int i = 1; i < vocab; ++i)
    if (logits[i] > logits[winner])
      winner = i;
  return winner;
}

static int run_line(struct llama_context *context, int vocab, const char *line, FILE *out) {
  static llama_token tokens[MAX_TOKENS];
  int follow = 0;
  if (strncmp(line, "greedy ", 7) == 0) {
    follow = atoi(line + 7);
    line = strchr(line, ':');
    if (!line)
      return 1;
    ++line;
  }
  int count = parse_tokens(line, tokens);
  llama_memory_clear(llama_get_memory(context), true);
  if (feed(context, tokens, count, 0, !follow))
    return 1;
  if (!follow)
    for (int i = 0; i < count; ++i)
      if (fwrite(llama_get_logits_ith(context, i), sizeof(float), (size_t)vocab, out) != (size_t)vocab)
        return 1;
  for (int i = 0; i < follow; ++i) {
    llama_token next = best(llama_get_logits_ith(context, -1), vocab);
    printf("%s%d", i ? "," : "", next);
    if (feed(context, &next, 1, count + i, 0))
      return 1;
  }
  if (follow)
    printf("\n");
  return 0;
}

static void stay_silent(enum ggml_log_level level, const char *text, void *unused) {
  (void)unused;
  if (level == GGML_LOG_LEVEL_ERROR)
    fputs(text, stderr);
}

int main(int argc, char **argv) {
  if (argc != 4) {
    fprintf(stderr, "usage: llama-logits MODEL THREADS OUT.f32 < tokens\n");
    return 1;
  }
  llama_log_set(stay_silent, NULL);
  llama_backend_init();
  struct llama_model *model = llama_model_load_from_file(argv[1], llama_model_default_params());
  FILE *out = fopen(argv[3], "wb");
  if (!model || !out)
    return 1;
  struct llama_context_params params = llama_context_default_params();
  params.n_ctx = 2048;
  params.n_batch = params.n_ubatch = 512;
  params.n_threads = params.n_threads_batch = atoi(argv[2]);
  struct llama_context *context = llama_init_from_model(model, params);
  if (!context)
    return 1;
  int vocab = llama_vocab_n_tokens(llama_model_get_vocab(model));
  static char line[MAX_TOKENS * 8];
  int failed = 0;
  while (!failed && fgets(line, sizeof line, stdin))
    failed = run_line(context, vocab, line, out);
  if (fclose(out))
    failed = 1;
  llama_free(context);
  llama_model_free(model);
  return failed;
}
