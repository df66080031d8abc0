//===- cpu.h - what the processor grants ---------------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TENON_RUNTIME_HOST_CPU_H
#define TENON_RUNTIME_HOST_CPU_H

#include "tenon/runtime/base/status.h"

// The instruction set this library was built for, TENON_ABI_ISA_*.
int32_t tenon_cpu_isa(void);

// The features of TENON_ABI_X86_FEATURES that the processor has and the operating system saves the registers of.
int64_t tenon_cpu_features(void);

// Asks the operating system for what must be asked for before use (the tile registers of AMX). False if it declines.
int tenon_cpu_enable(int64_t features);

// Writes the names of features, comma separated, cut at `size`.
void tenon_cpu_feature_names(int64_t features, char *out, size_t size);

// Processors this process may run on, and how many physical cores these are; both at least 1.
int tenon_cpu_available(void);
int tenon_cpu_available_cores(void);

#endif /* TENON_RUNTIME_HOST_CPU_H */
