//===- execute_matrix.c - products of matrices that a warp holds -*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tenon/runtime/emu/read_impl.h"

const emu_decoder emu_matrix_decoders[] = {{NULL, NULL}};
