//===- turns.h - one measurement a line of standard input ----------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// bench/recurrences measures a peer and Tenon in turns. A program that takes turns reads a line that says what to measure, does so, and
// answers with the seconds of one call and with the processor time that all threads got meanwhile, in seconds (or with a sentence that
// begins with "error:"). Threads that wait spin, so less processor time than seconds x threads says that somebody else had a processor.
// In between the program sleeps, and the other one has the machine.
#ifndef TENON_BENCH_PEERS_TURNS_H
#define TENON_BENCH_PEERS_TURNS_H

#include <stdbool.h>
#include <stdio.h>
#include <time.h>

struct turn {
  double wall, cpu;
};

static struct turn turn_now(void) {
  struct timespec wall, cpu;
  clock_gettime(CLOCK_MONOTONIC, &wall);
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
  return (struct turn){(double)wall.tv_sec + 1e-9 * (double)wall.tv_nsec, (double)cpu.tv_sec + 1e-9 * (double)cpu.tv_nsec};
}

// What one of `calls` calls since `begin` took.
static struct turn turn_since(struct turn begin, int calls) {
  struct turn now = turn_now();
  return (struct turn){(now.wall - begin.wall) / calls, (now.cpu - begin.cpu) / calls};
}

// Measures what a line asks for; false where the line means nothing.
typedef bool turn_fn(void *user, const char *line, struct turn *out);

static int take_turns(turn_fn *measure, void *user) {
  char line[256];
  while (fgets(line, sizeof line, stdin)) {
    struct turn turn;
    if (measure(user, line, &turn))
      printf("%.9g %.9g\n", turn.wall, turn.cpu);
    else
      printf("error: expects a measurement that this program knows, but got %s", line);
    fflush(stdout);
  }
  return 0;
}

#endif
