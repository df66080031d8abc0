//===- team.c - threads that run one function together -------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tenon/runtime/host/team.h"

#include "tenon/runtime/base/pages.h"
#include "tenon/runtime/host/cpu.h"

#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
  LINE = 64,            /* words that different threads write are this far apart */
  MOST_SPIN_NS = 50000, /* how long a wait spins at first ... */
  LEAST_SPIN_NS = 600,  /* ... and when that has lately been in vain */
  SPINS_BETWEEN_CLOCKS = 32,
};

// A word that counts up, and those who sleep until it does.
typedef struct event {
  _Alignas(LINE) atomic_uint generation;
  atomic_uint sleepers;
} event;

struct tenon_team {
  event start; /* counts runs */
  event done;  /* counts barriers */
  _Alignas(LINE) atomic_uint arrived;
  _Alignas(LINE) tenon_team_fn fn; /* null: the workers end */
  void *argument;
  int threads;
  int workers; /* started */
  atomic_uint next_worker;
  _Alignas(LINE) _Atomic int64_t spin_ns; /* how long a wait spins now; 0: this team never spins */
  pthread_t handles[];
};

static void relax(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

// Advances the word and wakes the sleepers. A sleeper announces itself before it looks at the word for the last time, and the word is
// advanced before the announcements are read, both in one total order, so none is missed.
static void event_advance(event *event) {
  atomic_fetch_add(&event->generation, 1);
  if (atomic_load(&event->sleepers) != 0)
    syscall(SYS_futex, &event->generation, FUTEX_WAKE_PRIVATE, INT32_MAX, NULL, NULL, 0);
}

static bool event_passed(event *event, unsigned generation) {
  return atomic_load_explicit(&event->generation, memory_order_acquire) != generation;
}

static void event_sleep(event *event, unsigned generation) {
  atomic_fetch_add(&event->sleepers, 1);
  while (atomic_load(&event->generation) == generation)
    syscall(SYS_futex, &event->generation, FUTEX_WAIT_PRIVATE, generation, NULL, NULL, 0);
  atomic_fetch_sub(&event->sleepers, 1);
}

// Returns once the word has left `generation`; true if that was while spinning, or if there is no spinning.
static bool event_wait(event *event, unsigned generation, int64_t spin_ns) {
  for (int i = 0; i < SPINS_BETWEEN_CLOCKS && spin_ns > 0; ++i, relax())
    if (event_passed(event, generation))
      return true;
  int64_t start = tenon_now_ns(), waited = 0;
  for (; waited < spin_ns; waited = tenon_now_ns() - start)
    for (int i = 0; i < SPINS_BETWEEN_CLOCKS; ++i, relax())
      if (event_passed(event, generation))
        return true;
  event_sleep(event, generation);
  return spin_ns == 0;
}

// Waits, and learns how long spinning pays: where another thread of the team waits for this very processor, only sleeping helps, and
// spinning before it is lost time at every barrier.
static void team_wait(tenon_team *team, event *event, unsigned generation) {
  int64_t spin = atomic_load_explicit(&team->spin_ns, memory_order_relaxed);
  int64_t next = event_wait(event, generation, spin) ? 2 * spin : spin / 2;
  if (spin > 0 && next < LEAST_SPIN_NS)
    next = LEAST_SPIN_NS;
  if (next > MOST_SPIN_NS)
    next = MOST_SPIN_NS;
  if (next != spin)
    atomic_store_explicit(&team->spin_ns, next, memory_order_relaxed);
}

void tenon_team_barrier(tenon_team *team) {
  if (team->threads == 1)
    return;
  unsigned generation = atomic_load_explicit(&team->done.generation, memory_order_relaxed);
  if (atomic_fetch_add_explicit(&team->arrived, 1, memory_order_acq_rel) + 1 == (unsigned)team->threads) {
    atomic_store_explicit(&team->arrived, 0, memory_order_relaxed);
    event_advance(&team->done);
  } else {
    team_wait(team, &team->done, generation);
  }
}

static void *worker(void *argument) {
  tenon_team *team = argument;
  int64_t thread = 1 + atomic_fetch_add_explicit(&team->next_worker, 1, memory_order_relaxed);
  // The first run may be announced before this thread looks, so it counts from the word's first value.
  for (unsigned generation = 0;; ++generation) {
    team_wait(team, &team->start, generation);
    if (!team->fn)
      return NULL;
    team->fn(team->argument, thread, team->threads);
    tenon_team_barrier(team);
  }
}

// Starts the workers with all signals blocked, so that the host's handlers run on the host's threads.
static int start_workers(tenon_team *team) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int error = 0;
  while (team->workers < team->threads - 1) {
    error = pthread_create(&team->handles[team->workers], NULL, worker, team);
    if (error)
      break;
    ++team->workers;
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return error;
}

tenon_status tenon_team_create(int threads, tenon_team **out) {
  *out = NULL;
  if (threads < 1 || threads > TENON_TEAM_MAX_THREADS)
    return tenon_error(TENON_USAGE, "expects 1 to %d threads, but got %d", TENON_TEAM_MAX_THREADS, threads);
  size_t bytes = sizeof(tenon_team) + (size_t)threads * sizeof(pthread_t);
  bytes = (bytes + LINE - 1) / LINE * LINE;
  tenon_team *team = aligned_alloc(LINE, bytes);
  if (!team)
    return tenon_out_of_memory("a team of threads", (int64_t)bytes);
  memset(team, 0, bytes);
  team->threads = threads;
  atomic_init(&team->spin_ns, threads <= tenon_cpu_available() ? MOST_SPIN_NS : 0);
  int error = start_workers(team);
  if (error) {
    int started = team->workers;
    tenon_team_destroy(team);
    return tenon_error(TENON_RESOURCE, "cannot start thread %d of %d: %s", started + 2, threads, strerror(error));
  }
  *out = team;
  return tenon_ok();
}

void tenon_team_destroy(tenon_team *team) {
  if (!team)
    return;
  team->fn = NULL;
  event_advance(&team->start);
  for (int i = 0; i < team->workers; ++i)
    pthread_join(team->handles[i], NULL);
  free(team);
}

int tenon_team_threads(const tenon_team *team) {
  return team->threads;
}

void tenon_team_run(tenon_team *team, tenon_team_fn fn, void *argument) {
  team->fn = fn;
  team->argument = argument;
  if (team->threads > 1)
    event_advance(&team->start);
  fn(argument, 0, team->threads);
  tenon_team_barrier(team);
}
