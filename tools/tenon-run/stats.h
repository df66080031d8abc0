//===- stats.h - what a run took -----------------------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TENON_RUN_STATS_H
#define TENON_RUN_STATS_H

#include "options.h"

// Prints to standard error in the form the options ask for. `first_ns` is the time from the start of the program to the first token,
// 0 if there was none.
void stats_print(stats_form form, const tenon_module_info *info, const tenon_stats *stats, int64_t first_ns);

#endif /* TENON_RUN_STATS_H */
