//===- execute_async.c - copies that go on while the kernel does -*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tenon/runtime/emu/read_impl.h"

const emu_decoder emu_async_decoders[] = {{NULL, NULL}};
