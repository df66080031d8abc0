//===- toy_code.c - a small language model as compiled code --------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the compiler would emit, written by hand, so that the runtime is tested without it. The model looks at the whole sequence: the
// logits after position p are
//
//   logits[v] = W[tokens[p]][v] + sum over j < p, ascending, of W[tokens[j]][(v + p - j) mod V] / 64 + (S mod 7) / 8
//
// where S is the sum of all tokens before position p. The tokens lie in an append slot of 4 positions a block, S in a fixed slot. Threads
// share positions and then logits, with barriers between; the arena carries a value a token from one phase to the next.
#include "tenon/runtime/abi.h"

#ifndef TOY_FEATURES
#define TOY_FEATURES 0
#endif
#ifndef TOY_MINOR
#define TOY_MINOR TENON_ABI_MINOR
#endif
#ifndef TOY_TARGET
#define TOY_TARGET "toy"
#endif
// What a damaged descriptor would say, one at a time.
#ifndef TOY_MAGIC
#define TOY_MAGIC TENON_ABI_MAGIC
#endif
#ifndef TOY_RANK
#define TOY_RANK 1
#endif
#ifndef TOY_SYMBOL
#define TOY_SYMBOL -1
#endif
#ifndef TOY_ARENA
#define TOY_ARENA 8
#endif
#ifndef TOY_BLOCK
#define TOY_BLOCK 4
#endif
#ifndef TOY_STEP
#define TOY_STEP 0
#endif
#ifndef TOY_VOCABULARY
#define TOY_VOCABULARY VOCABULARY
#endif
#ifndef TOY_OFFSET
#define TOY_OFFSET 0
#endif
#ifndef TOY_DEVICE
#define TOY_DEVICE 0
#endif
#ifndef TOY_EXPORT
#define TOY_EXPORT tenon_module
#endif

enum { VOCABULARY = 32, BLOCK = 4, CONTEXT = 64 };

static int64_t slice(int64_t count, int64_t thread, int64_t threads) {
  return count * thread / threads;
}

static void logits_of(const float *weights, const int32_t *history, int64_t position, int64_t prefix, int64_t token_value, float *out,
                      int64_t from, int64_t to) {
  for (int64_t v = from; v < to; ++v) {
    float sum = weights[token_value * VOCABULARY + v];
    for (int64_t j = 0; j < position; ++j)
      sum += weights[history[j] * VOCABULARY + (v + position - j) % VOCABULARY] * 0.015625f;
    out[v] = sum + (float)(prefix % 7) * 0.125f;
  }
}

// The rows [first, tokens) of logits go to output 0.
static void run(const tenon_abi_call *call, int64_t thread, int64_t threads, int64_t first) {
  int64_t tokens = call->symbols[0], position = call->position;
  const int32_t *input = call->inputs[0];
  int32_t *history = call->states[0];
  int64_t *total = call->states[1];
  int64_t *copies = call->arena;
  for (int64_t t = slice(tokens, thread, threads); t < slice(tokens, thread + 1, threads); ++t) {
    history[position + t] = input[t];
    copies[t] = input[t];
  }
  call->barrier(call, thread);
  int64_t prefix = *total;
  for (int64_t t = 0; t < tokens; ++t) {
    if (t >= first)
      logits_of(call->weights, history, position + t, prefix, copies[t], (float *)call->outputs[0] + (t - first) * VOCABULARY,
                slice(VOCABULARY, thread, threads), slice(VOCABULARY, thread + 1, threads));
    prefix += copies[t];
  }
  call->barrier(call, thread);
  if (thread == 0)
    *total = prefix;
}

static void step(const tenon_abi_call *call, int64_t thread, int64_t threads) {
  run(call, thread, threads, call->symbols[0] - 1);
}
static void forward(const tenon_abi_call *call, int64_t thread, int64_t threads) {
  run(call, thread, threads, 0);
}

// z = 2 x + y over f32[rows, 3]; count = rows.
static void combine(const tenon_abi_call *call, int64_t thread, int64_t threads) {
  int64_t count = call->symbols[1] * 3;
  const float *x = call->inputs[0], *y = call->inputs[1];
  float *z = call->outputs[0];
  for (int64_t i = slice(count, thread, threads); i < slice(count, thread + 1, threads); ++i)
    z[i] = 2 * x[i] + y[i];
  if (thread == 0)
    *(int64_t *)call->outputs[1] = call->symbols[1];
}

static const int64_t tokens_dims[] = {TOY_SYMBOL}, last_dims[] = {1, VOCABULARY}, all_dims[] = {-1, VOCABULARY}, rows_dims[] = {-2, 3};
static const tenon_abi_tensor tokens_in[] = {{"tokens", TENON_ABI_I32, TOY_RANK, tokens_dims}};
static const tenon_abi_tensor last_out[] = {{"logits", TENON_ABI_F32, 2, last_dims}};
static const tenon_abi_tensor all_out[] = {{"logits", TENON_ABI_F32, 2, all_dims}};
static const tenon_abi_tensor combine_in[] = {{"x", TENON_ABI_F32, 2, rows_dims}, {"y", TENON_ABI_F32, 2, rows_dims}};
static const tenon_abi_tensor combine_out[] = {{"z", TENON_ABI_F32, 2, rows_dims}, {"count", TENON_ABI_I64, 0, 0}};
static const int64_t per_symbol[] = {TOY_ARENA};

static const tenon_abi_entry_point entries[] = {
    {"next", TENON_ABI_ENTRY_STATEFUL, 1, tokens_in, 1, last_out, {64, 1, per_symbol}, step},
    {"forward", TENON_ABI_ENTRY_STATEFUL, 1, tokens_in, 1, all_out, {64, 1, per_symbol}, forward},
    {"combine", 0, 2, combine_in, 2, combine_out, {0, 0, 0}, combine},
};
static const tenon_abi_state states[] = {
    {"history", TENON_ABI_STATE_APPEND, TOY_BLOCK, BLOCK * sizeof(int32_t)},
    {"total", TENON_ABI_STATE_FIXED, 0, sizeof(int64_t)},
};
static const int32_t eos[] = {31};
static const tenon_abi_generate generate = {TOY_STEP, 1, TOY_VOCABULARY, CONTEXT, 1, 1, eos};
static const int64_t weight_dims[] = {VOCABULARY, VOCABULARY};
static const tenon_abi_weight weights[] = {{"bigram", "f32", TOY_OFFSET, VOCABULARY * VOCABULARY * 4, 2, weight_dims}};
static const char *const symbols[] = {"tokens", "rows"};

__attribute__((visibility("default"))) const tenon_abi_module TOY_EXPORT = {
    .magic = TOY_MAGIC,
    .abi_major = TENON_ABI_MAJOR,
    .abi_minor = TOY_MINOR,
#if defined(__aarch64__)
    .isa = TENON_ABI_ISA_AARCH64,
#else
    .isa = TENON_ABI_ISA_X86_64,
#endif
    .features = TOY_FEATURES,
    .target = TOY_TARGET,
    .name = "toy",
    .source_hash = "none",
    .compiler = "by hand",
    .weights_bytes = VOCABULARY * VOCABULARY * 4,
    .symbol_count = 2,
    .symbols = symbols,
    .entry_count = 3,
    .entries = entries,
    .state_count = 2,
    .states = states,
    .weight_count = 1,
    .weights = weights,
    .generate = &generate,
    .device = TOY_DEVICE,
};
