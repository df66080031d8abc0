//===- Compiled.h - the compiled side of the comparison ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "Inputs.h"
#include "tenon/runtime/tenon.h"

namespace tenon::verify {

/// An artifact, open, with a team of threads.
class Compiled {
public:
  Compiled() = default;
  Compiled(const Compiled &) = delete;
  ~Compiled();

  tenon_status open(llvm::StringRef path);

  /// Calls an entry from an empty state; each output's values in row-major order.
  tenon_status call(llvm::StringRef entry, llvm::ArrayRef<Input> inputs, std::vector<std::vector<double>> &outputs);

private:
  tenon_module *module = nullptr;
  tenon_context *context = nullptr;
};

} // namespace tenon::verify
