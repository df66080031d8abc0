//===- sample.c - chooses a token from logits ----------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// tenon.h defines the result exactly. The candidates that stay after a filter are a prefix of one order, so all filters together are a
// cut in that order, and the draw, being in index order, needs no sorting. The prefix is produced by a heap: one pass to build, a
// logarithm for each candidate taken. With neither top-k nor top-p nothing is ordered at all.
#include "tenon/runtime/base/status.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

// The candidates while they are filtered. The heap occupies items[0 .. heap); what was taken off it follows, the latest first, so the
// k-th candidate of the order is items[count - 1 - k].
typedef struct candidates {
  const float *logits;
  double *weights;
  int32_t *items;
  int64_t count;
  int64_t heap;
} candidates;

float tenon_uniform(uint64_t seed, uint64_t position) {
  uint64_t x = seed + (position + 1) * UINT64_C(0x9e3779b97f4a7c15);
  x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
  x ^= x >> 31;
  return (float)(x >> 40) * 0x1p-24f;
}

// The order of the candidates.
static bool before(const float *logits, int64_t a, int64_t b) {
  return logits[a] != logits[b] ? logits[a] > logits[b] : a < b;
}

static void sift(candidates *c, int64_t at) {
  int32_t item = c->items[at];
  for (int64_t child; (child = 2 * at + 1) < c->heap; at = child) {
    if (child + 1 < c->heap && before(c->logits, c->items[child + 1], c->items[child]))
      ++child;
    if (!before(c->logits, c->items[child], item))
      break;
    c->items[at] = c->items[child];
  }
  c->items[at] = item;
}

static int32_t take(candidates *c) {
  int32_t first = c->items[0];
  c->items[0] = c->items[--c->heap];
  sift(c, 0);
  c->items[c->heap] = first;
  return first;
}

// The sum, in index order, of the weights of what is not after `last` and weighs at least `least`.
static double weigh(const candidates *c, int64_t last, double least) {
  double sum = 0;
  for (int64_t i = 0; i < c->count; ++i)
    if (c->weights[i] >= least && (last < 0 || !before(c->logits, last, i)))
      sum += c->weights[i];
  return sum;
}

// The last candidate that top-k and top-p leave, or -1 if they leave all.
static int64_t cut(candidates *c, const tenon_sample_options *options) {
  bool limited = options->top_k > 0 && options->top_k < c->count;
  bool nucleus = options->top_p > 0 && options->top_p < 1;
  if (!limited && !nucleus)
    return -1;
  for (int64_t i = 0; i < c->count; ++i)
    c->items[i] = (int32_t)i;
  for (int64_t i = c->count / 2 - 1; i >= 0; --i)
    sift(c, i);

  int64_t last = -1, stay = c->count;
  if (limited) {
    stay = options->top_k;
    for (int64_t k = 0; k < stay; ++k)
      last = take(c);
  }
  if (!nucleus)
    return last;
  double bound = (double)options->top_p * weigh(c, last, 0), sum = 0;
  for (int64_t k = 0; k < stay; ++k) {
    last = k < c->count - c->heap ? c->items[c->count - 1 - k] : take(c);
    sum += c->weights[last];
    if (sum >= bound)
      break;
  }
  return last;
}

static int32_t draw(const candidates *c, int64_t last, double least, double uniform) {
  double bound = uniform * weigh(c, last, least), sum = 0;
  int64_t chosen = 0;
  for (int64_t i = 0; i < c->count; ++i) {
    if (c->weights[i] < least || (last >= 0 && before(c->logits, last, i)))
      continue;
    sum += c->weights[i];
    chosen = i;
    if (sum > bound)
      break;
  }
  return (int32_t)chosen;
}

static tenon_status find_first(const float *logits, int64_t n, int64_t *out) {
  int64_t best = 0;
  bool ordered = true;
  for (int64_t i = 0; i < n; ++i) {
    ordered &= logits[i] == logits[i];
    if (logits[i] > logits[best])
      best = i;
  }
  if (!ordered)
    return tenon_error(TENON_INTERNAL, "the logits contain a value that is not a number");
  if (!isfinite(logits[best]))
    return tenon_error(TENON_INTERNAL, "the largest logit is not finite");
  *out = best;
  return tenon_ok();
}

static tenon_status check_options(const tenon_sample_options *o) {
  if (!isfinite(o->temperature))
    return tenon_error(TENON_USAGE, "expects a finite temperature");
  if (o->top_k < 0)
    return tenon_error(TENON_USAGE, "expects top_k >= 0, but got %d", o->top_k);
  if (!(o->top_p >= 0))
    return tenon_error(TENON_USAGE, "expects top_p >= 0, but got %g", (double)o->top_p);
  if (!(o->min_p >= 0 && o->min_p <= 1))
    return tenon_error(TENON_USAGE, "expects min_p from 0 to 1, but got %g", (double)o->min_p);
  return tenon_ok();
}

tenon_status tenon_sample(const float *logits, int64_t n, const tenon_sample_options *options, float uniform, int32_t *out) {
  static const tenon_sample_options greedy = {0};
  if (!options)
    options = &greedy;
  if (!logits || !out)
    return tenon_error(TENON_USAGE, "expects logits and a place for the token");
  if (n <= 0 || n > INT32_MAX)
    return tenon_error(TENON_USAGE, "expects at least one logit, but got %lld", (long long)n);
  TENON_TRY(check_options(options));
  int64_t first = 0;
  TENON_TRY(find_first(logits, n, &first));
  if (options->temperature <= 0) {
    *out = (int32_t)first;
    return tenon_ok();
  }
  candidates c = {logits, malloc((size_t)n * sizeof(double)), malloc((size_t)n * sizeof(int32_t)), n, n};
  tenon_status status = tenon_ok();
  if (c.weights && c.items) {
    for (int64_t i = 0; i < n; ++i)
      c.weights[i] = exp(((double)logits[i] - (double)logits[first]) / (double)options->temperature);
    int64_t last = cut(&c, options);
    *out = draw(&c, last, options->min_p, uniform);
  } else {
    status = tenon_out_of_memory("sampling", n * 12);
  }
  free(c.weights);
  free(c.items);
  return status;
}
