//===- Crash.h - a defect leaves a reproducer, not a stack dump ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_TOOLS_COMPILE_CRASH_H
#define TENON_TOOLS_COMPILE_CRASH_H

#include <string>

namespace tenon {

/// From here on a fatal signal, a failed assertion or a fatal error of LLVM's prints one line, writes the reproducer and ends the process
/// with exit code 70.
void installCrashHandler(int argc, char **argv);

/// The module to reproduce with: the graph as imported, or what comes nearest.
void setReproducerModule(std::string text);

/// Writes the reproducer and returns its path, empty if that failed.
std::string writeReproducer();

} // namespace tenon

#endif // TENON_TOOLS_COMPILE_CRASH_H
