//===- finite.h - looks for numbers that are none ------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TENON_RUNTIME_HOST_FINITE_H
#define TENON_RUNTIME_HOST_FINITE_H

#include "tenon/runtime/abi.h"
#include "tenon/runtime/base/status.h"

// What a call has left: the fixed slots in the module's order, which is that of its layers, then the outputs. The first number that is
// not finite makes the status TENON_MISMATCH, with the name of what holds it and the call's positions.
tenon_status tenon_check_finite(const tenon_abi_module *abi, const tenon_abi_entry_point *entry, const tenon_abi_call *call);

#endif /* TENON_RUNTIME_HOST_FINITE_H */
