//===- Predict.h - the speed to expect of an artifact ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_TOOLS_COMPILE_PREDICT_H
#define TENON_TOOLS_COMPILE_PREDICT_H

#include <cstdint>

namespace tenon {

/// Bytes a second that this machine's cores read together from memory, measured for a few milliseconds.
double measureReadRate(unsigned threads);

/// Tokens a second of a step that reads `bytes`, bound by reading them: what kernels of this kind reach of the measured rate.
double predictTokensPerSecond(uint64_t bytes, double readRate);

} // namespace tenon

#endif // TENON_TOOLS_COMPILE_PREDICT_H
