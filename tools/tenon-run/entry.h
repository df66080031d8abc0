//===- entry.h - calls one entry -----------------------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TENON_RUN_ENTRY_H
#define TENON_RUN_ENTRY_H

#include "options.h"

// --entry: binds inputs by name, calls, then writes, compares or prints the outputs.
tenon_status run_entry(const options *o, const tenon_module *module, tenon_context *context);

#endif /* TENON_RUN_ENTRY_H */
