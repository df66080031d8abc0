//===- team.h - threads that run one function together -------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A team enters a function together (SPMD): the caller is thread 0, the others are its own and sleep between runs. Inside, a barrier
// separates what depends on each other.
//
// A waiting thread first spins, as the others usually arrive within a microsecond, and then sleeps until woken, which gives its processor
// to whoever needs it: a thread of this team, if the team is larger than the machine, or a busy neighbour. How long it spins adapts to
// whether that has lately paid. It never yields: a neighbour that does not yield itself keeps the processor for milliseconds then, where
// a thread that slept is scheduled soon after it is woken (measured: 2 threads beside a busy one, 210 barriers, 2 to 4 ms against 10 to
// 200 ms).
#ifndef TENON_RUNTIME_HOST_TEAM_H
#define TENON_RUNTIME_HOST_TEAM_H

#include "tenon/runtime/base/status.h"

typedef struct tenon_team tenon_team;
typedef void (*tenon_team_fn)(void *argument, int64_t thread, int64_t threads);

enum { TENON_TEAM_MAX_THREADS = 1024 };

tenon_status tenon_team_create(int threads, tenon_team **out);
void tenon_team_destroy(tenon_team *team);
int tenon_team_threads(const tenon_team *team);

// Runs the function on all threads and returns when all have returned from it. Calls must not overlap.
void tenon_team_run(tenon_team *team, tenon_team_fn fn, void *argument);

// To be called by every thread of the running function equally often.
void tenon_team_barrier(tenon_team *team);

#endif /* TENON_RUNTIME_HOST_TEAM_H */
