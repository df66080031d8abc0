//===- realtime.c - a model that keeps up with a clock -------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Feeds a model one token every 10 ms, as a stream of audio frames would, on one thread, and says which part of the time that takes.
// A recurrent model's step costs the same however long the stream has been.
//
//   realtime MODEL.tenon [FRAMES]
//
// The last line is JSON: the processor time of a step over the time of a frame, median and 99th percentile, and the frames that were late
// on the clock (which other programs can cause).
#define _POSIX_C_SOURCE 200809L /* clocks to sleep by */
#include <stdio.h>
#include <stdlib.h>
#include <tenon/runtime/tenon.h>
#include <time.h>

enum { FRAME_NS = 10000000, FRAMES = 500, SECOND_NS = 1000000000 };

#define TRY(expression)                                                                                                                    \
  do {                                                                                                                                     \
    tenon_status status = (expression);                                                                                                    \
    if (status.code) return status;                                                                                                        \
  } while (0)

static long long now(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return (long long)time.tv_sec * SECOND_NS + time.tv_nsec;
}

static void sleep_until(long long ns) {
  struct timespec time = {ns / SECOND_NS, ns % SECOND_NS};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL))
    ;
}

static int by_size(const void *left, const void *right) {
  double a = *(const double *)left, b = *(const double *)right;
  return (a > b) - (a < b);
}

// One step a frame: used[i] is frame i's share of its time. Returns in `late` how many steps ended after their frame.
static tenon_status stream(tenon_session *session, int64_t vocabulary, int frames, double *used, int *late) {
  long long begin = now(CLOCK_MONOTONIC);
  *late = 0;
  for (int i = 0; i < frames; ++i) {
    sleep_until(begin + (long long)i * FRAME_NS);
    int32_t token = (int32_t)((i * 7919 + 1) % vocabulary); /* what the microphone would say */
    long long start = now(CLOCK_THREAD_CPUTIME_ID);
    const float *logits;
    int64_t count;
    TRY(tenon_session_prefill(session, &token, 1));
    TRY(tenon_session_logits(session, &logits, &count));
    used[i] = (double)(now(CLOCK_THREAD_CPUTIME_ID) - start) / FRAME_NS;
    *late += now(CLOCK_MONOTONIC) > begin + (long long)(i + 1) * FRAME_NS;
  }
  return (tenon_status){0};
}

static tenon_status run(const char *path, int frames, double *used) {
  tenon_module *module;
  tenon_context *context = NULL;
  tenon_session *session = NULL;
  tenon_module_info info = {0};
  tenon_context_options one = {.threads = 1};
  int late = 0;
  TRY(tenon_module_open(path, NULL, &module));
  tenon_status status = tenon_module_get_info(module, &info);
  if (!status.code) status = tenon_context_create(module, &one, &context);
  if (!status.code) status = tenon_session_create(context, NULL, &session);
  if (!status.code) status = stream(session, info.vocabulary, frames, used, &late);
  if (!status.code) {
    printf("%s: loaded in %.1f ms, %.1f MB of weights\n", info.name, (double)info.load_ns * 1e-6, (double)info.weights_bytes * 1e-6);
    qsort(used, (size_t)frames, sizeof *used, by_size);
    printf("{\"frames\": %d, \"median\": %.4f, \"p99\": %.4f, \"late\": %d}\n", frames, used[frames / 2], used[frames * 99 / 100], late);
  }
  tenon_session_destroy(session);
  tenon_context_destroy(context);
  tenon_module_close(module);
  return status;
}

int main(int argc, char **argv) {
  int frames = argc > 2 ? atoi(argv[2]) : FRAMES;
  if (argc < 2 || argc > 3 || frames < 1) {
    fprintf(stderr, "usage: realtime MODEL.tenon [FRAMES]\n");
    return TENON_USAGE;
  }
  double *used = malloc(sizeof *used * (size_t)frames);
  tenon_status status = used ? run(argv[1], frames, used) : (tenon_status){TENON_RESOURCE, "no memory"};
  free(used);
  if (status.code) fprintf(stderr, "realtime: %s\n", status.msg);
  return status.code;
}
