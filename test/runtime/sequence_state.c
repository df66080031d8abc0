//===- sequence_state.c - the state after steps and after one call -*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// sequence_state MODEL.tenon [TOKENS]: for a model whose state is floats alone (recurrent slots), what a session keeps after TOKENS calls
// of one token must be what it keeps after one call, within 1e-4 of the largest number. Prints the difference; the exit code is 3 if it
// is larger.
#include "tenon/runtime/tenon.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM = 1 << 22, HEADER = 48 };

typedef struct saved {
  char bytes[ROOM];
  size_t size;
} saved;

static void need(tenon_status status) {
  if (status.code == TENON_OK)
    return;
  fprintf(stderr, "sequence_state: %s\n", status.msg);
  exit(status.code);
}

static int put(void *user, const void *data, size_t size) {
  saved *to = user;
  if (size > ROOM - to->size)
    return 1;
  memcpy(to->bytes + to->size, data, size);
  to->size += size;
  return 0;
}

// What a session has saved after `count` tokens, `chunk` of them a call.
static saved *run(tenon_context *context, const int32_t *tokens, size_t count, int64_t chunk) {
  saved *out = calloc(1, sizeof(*out));
  if (!out)
    exit(TENON_RESOURCE);
  tenon_session_options options = {0, chunk};
  tenon_session *session;
  need(tenon_session_create(context, &options, &session));
  need(tenon_session_prefill(session, tokens, count));
  need(tenon_session_save(session, put, out));
  tenon_session_destroy(session);
  return out;
}

int main(int argc, char **argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: sequence_state MODEL.tenon [TOKENS]\n");
    return TENON_USAGE;
  }
  tenon_module *module;
  tenon_module_info info;
  tenon_context *context;
  need(tenon_module_open(argv[1], NULL, &module));
  need(tenon_module_get_info(module, &info));
  need(tenon_context_create(module, NULL, &context));
  size_t count = argc > 2 ? (size_t)strtoul(argv[2], NULL, 10) : 259;
  int32_t *tokens = malloc((count + 1) * sizeof(*tokens));
  if (!tokens)
    return TENON_RESOURCE;
  for (size_t i = 0; i < count; ++i)
    tokens[i] = (int32_t)((i * 7919 + 13) % (size_t)info.vocabulary);
  saved *steps = run(context, tokens, count, 1), *whole = run(context, tokens, count, (int64_t)count);

  size_t begin = HEADER + (size_t)info.vocabulary * sizeof(float), numbers = (steps->size - begin - sizeof(uint32_t)) / sizeof(float);
  double largest = 0, difference = 0;
  for (size_t i = 0; i < numbers; ++i) {
    float a, b;
    memcpy(&a, steps->bytes + begin + i * sizeof(float), sizeof(float));
    memcpy(&b, whole->bytes + begin + i * sizeof(float), sizeof(float));
    largest = fmax(largest, fabs(b));
    difference = isfinite(a) && isfinite(b) ? fmax(difference, fabs((double)a - b)) : INFINITY;
  }
  printf("%zu numbers of state after %zu tokens, the largest %g: steps and one call differ by %.2g of it\n", numbers, count, largest,
         largest > 0 ? difference / largest : difference);
  int good = steps->size == whole->size && numbers > 0 && largest > 0 && difference <= 1e-4 * largest;
  free(steps);
  free(whole);
  free(tokens);
  tenon_context_destroy(context);
  tenon_module_close(module);
  return good ? TENON_OK : TENON_MISMATCH;
}
