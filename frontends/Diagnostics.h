//===- Diagnostics.h - everything that is wrong with a model, as one list ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Frontends do not stop at the first problem: they record each one here under the name by which the file
// calls the thing (a key, a tensor), so that a user learns in one run all that keeps a model from compiling.

#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/raw_ostream.h"

#include <string>
#include <vector>

namespace tenon {

/// One thing that is wrong: where, and what was expected and got.
struct Problem {
  /// A key, a tensor or a model path; empty when the file as a whole is meant.
  std::string path;
  std::string message;
};

/// The problems found so far. A damaged file can have millions: the first `limit` are kept, the others counted.
class Diagnostics {
public:
  static constexpr size_t limit = 200;

  /// Records a problem. Bytes of the file that are not printable are escaped.
  void report(const llvm::Twine &path, const llvm::Twine &message);

  /// Whether a kept problem is at the path, so that what follows from it need not be reported too.
  bool mentions(llvm::StringRef path) const;

  bool empty() const { return reported == 0; }
  /// How many problems were reported, kept or not.
  size_t count() const { return reported; }
  llvm::ArrayRef<Problem> problems() const { return kept; }

  /// Prints "FILE: N problems" and one line for each.
  void print(llvm::raw_ostream &os, llvm::StringRef file) const;

private:
  std::vector<Problem> kept;
  size_t reported = 0;
};

} // namespace tenon
