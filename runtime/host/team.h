//===- team.h - threads that run one function together -------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A team enters a function together (SPMD): the caller is thread 0, the others are its own and sleep between runs. Inside, a barrier
// separates what depends on each other.
//
// Waiting has three stages. A thread first spins, as the others usually arrive within a microsecond; then it yields its processor again
// and again, which lets a thread run that waits for this very processor (a team larger than the machine, or a busy neighbour); at last
// it sleeps until woken. A team that cannot have a processor a thread does not spin at all.
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
