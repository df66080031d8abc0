//===- Crash.cpp - a defect leaves a reproducer, not a stack dump ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The handler works with what was prepared before: strings, and the system's write. A crash inside it ends the process at once.
//
//===----------------------------------------------------------------------===//

#include "Crash.h"

#include "llvm/Support/ErrorHandling.h"
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace tenon {

namespace {
struct Reproducer {
  std::string header; ///< the command line, as comment lines
  std::string module;
};
} // namespace

static Reproducer reproducer;

static bool writeAll(int file, const char *data, size_t size) {
  while (size > 0) {
    ssize_t count = write(file, data, size);
    if (count <= 0)
      return false;
    data += count;
    size -= size_t(count);
  }
  return true;
}

std::string writeReproducer() {
  if (reproducer.module.empty())
    return "";
  char path[] = "tenon-reproducer-XXXXXX.mlir";
  int file = mkstemps(path, 5);
  if (file < 0)
    return "";
  bool written = writeAll(file, reproducer.header.data(), reproducer.header.size()) &&
                 writeAll(file, reproducer.module.data(), reproducer.module.size());
  close(file);
  return written ? path : "";
}

static void endInternally(const char *what) {
  char line[512];
  std::string path = writeReproducer();
  int length = snprintf(line, sizeof(line), "\nerror: a defect of tenon-compile (%s)%s%s\n", what, path.empty() ? "" : "; the input is in ",
                        path.c_str());
  if (length > 0)
    writeAll(STDERR_FILENO, line, std::min(size_t(length), sizeof(line) - 1));
  _exit(70);
}

static void onSignal(int signal) { endInternally(strsignal(signal)); }

static void onFatalError(void *, const char *reason, bool) { endInternally(reason); }

void installCrashHandler(int argc, char **argv) {
  reproducer.header = "// Reproduces a defect; the command was:\n//";
  for (int i = 0; i < argc; ++i)
    reproducer.header += std::string(" ") + argv[i];
  reproducer.header += "\n// tenon-compile also takes this file in place of the model.\n";
  llvm::install_fatal_error_handler(onFatalError);
  for (int signal : {SIGSEGV, SIGABRT, SIGBUS, SIGILL, SIGFPE}) {
    struct sigaction action = {};
    action.sa_handler = onSignal;
    action.sa_flags = int(SA_RESETHAND); // a crash in the handler is final
    sigaction(signal, &action, nullptr);
  }
}

void setReproducerModule(std::string text) { reproducer.module = std::move(text); }

} // namespace tenon
