//===- ggml_turns.c - ggml's scans, one op at a time ---------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// ggml-turns THREADS        measures, a line each, a graph of nothing but the op:
//
//   selective_scan D N T    ggml_ssm_scan as Mamba-1 uses it: D channels of N states, T tokens
//   ssd H P N T             ggml_ssm_scan as Mamba-2 uses it: H heads of P channels and N states, one group
//   delta_rule H K T        ggml_rwkv_wkv7: H heads of K x K states
//
// A measurement runs the op for at least 50 ms.
#include <ggml-cpu.h>
#include <ggml.h>

#include <stdlib.h>

#include "turns.h"

struct peer {
  int threads;
  struct ggml_threadpool *pool;
};

// A tensor of values spread evenly from `low` to `high`.
static struct ggml_tensor *values(struct ggml_context *context, float low, float high, int64_t a, int64_t b, int64_t c) {
  struct ggml_tensor *tensor = ggml_new_tensor_4d(context, GGML_TYPE_F32, a, b, c, 1);
  float *data = tensor->data;
  unsigned state = 12345;
  for (int64_t i = 0; i < ggml_nelements(tensor); ++i) {
    state = state * 1664525u + 1013904223u;
    data[i] = low + (high - low) * (float)(state >> 8) / (float)(1 << 24);
  }
  return tensor;
}

// Steps before the softplus that ggml's op takes; it makes 0.002 to 0.1 of them.
enum { STEP_LOW = -6, STEP_HIGH = -2 };

static struct ggml_tensor *scan(struct ggml_context *context, int64_t heads, int64_t width, int64_t states, int64_t decays,
                                int64_t tokens) {
  struct ggml_tensor *first = ggml_new_tensor_1d(context, GGML_TYPE_I32, 1);
  *(int32_t *)first->data = 0;
  struct ggml_tensor *state = values(context, 0, 0, states, width, heads);
  return ggml_ssm_scan(context, state, values(context, -1, 1, width, heads, tokens),
                       ggml_reshape_3d(context, values(context, STEP_LOW, STEP_HIGH, heads, tokens, 1), heads, tokens, 1),
                       ggml_reshape_2d(context, values(context, -16, -1, decays, heads, 1), decays, heads),
                       values(context, -1, 1, states, 1, tokens), values(context, -1, 1, states, 1, tokens), first, 1);
}

static struct ggml_tensor *delta_rule(struct ggml_context *context, int64_t heads, int64_t width, int64_t tokens) {
  struct ggml_tensor *parts[6];
  for (int i = 0; i < 6; ++i) {
    float low = i == 1 ? 0.55f : -0.1f, high = i == 1 ? 0.99f : i == 4 ? 0 : 0.1f;
    parts[i] = values(context, low, high, width, heads, tokens);
  }
  struct ggml_tensor *state = ggml_reshape_2d(context, values(context, 0, 0, width, width, heads), width * width * heads, 1);
  return ggml_rwkv_wkv7(context, parts[0], parts[1], parts[2], parts[3], parts[4], parts[5], state);
}

// Makes what the line asks for; null where it means nothing.
static struct ggml_tensor *make(struct ggml_context *context, const char *line) {
  int a, b, c, tokens;
  if (sscanf(line, "selective_scan %d %d %d", &a, &b, &tokens) == 3)
    return scan(context, a, 1, b, b, tokens);
  if (sscanf(line, "ssd %d %d %d %d", &a, &b, &c, &tokens) == 4)
    return scan(context, a, b, c, 1, tokens);
  if (sscanf(line, "delta_rule %d %d %d", &a, &b, &tokens) == 3)
    return delta_rule(context, a, b, tokens);
  return NULL;
}

static bool measure(void *user, const char *line, struct turn *out) {
  struct peer *peer = user;
  struct ggml_context *context = ggml_init((struct ggml_init_params){(size_t)1 << 30, NULL, false});
  struct ggml_tensor *op = make(context, line);
  if (op) {
    struct ggml_cgraph *graph = ggml_new_graph(context);
    ggml_build_forward_expand(graph, op);
    struct ggml_cplan plan = ggml_graph_plan(graph, peer->threads, peer->pool);
    plan.work_data = malloc(plan.work_size + 1);
    ggml_graph_compute(graph, &plan); // wakes the threads, touches the pages
    int runs = 0;
    struct turn begin = turn_now();
    do {
      ggml_graph_compute(graph, &plan);
      *out = turn_since(begin, ++runs);
    } while (out->wall * runs < 0.05);
    ggml_threadpool_pause(peer->pool); // else its threads spin on, in the other's turn
    free(plan.work_data);
  }
  ggml_free(context);
  return op != NULL;
}

int main(int argc, char **argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: ggml-turns THREADS\n");
    return 1;
  }
  struct peer peer = {atoi(argv[1]), NULL};
  struct ggml_threadpool_params params = ggml_threadpool_params_default(peer.threads);
  peer.pool = ggml_threadpool_new(&params);
  return take_turns(measure, &peer);
}
