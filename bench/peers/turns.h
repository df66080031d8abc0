//===- turns.h - one measurement a line of standard input ----------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// bench/recurrences measures a peer and Tenon in turns. A program that takes turns reads a line that says what to measure, does so, and
// answers with the seconds of one call (or a sentence that begins with "error:"). In between it sleeps, so that the other one has the machine.
#ifndef TENON_BENCH_PEERS_TURNS_H
#define TENON_BENCH_PEERS_TURNS_H

#include <stdio.h>
#include <time.h>

static double turn_clock(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

// Measures what a line asks for: seconds, or less than nothing where the line means nothing.
typedef double turn_fn(void *user, const char *line);

static int take_turns(turn_fn *measure, void *user) {
  char line[256];
  while (fgets(line, sizeof line, stdin)) {
    double seconds = measure(user, line);
    if (seconds < 0)
      printf("error: expects a measurement that this program knows, but got %s", line);
    else
      printf("%.9g\n", seconds);
    fflush(stdout);
  }
  return 0;
}

#endif
