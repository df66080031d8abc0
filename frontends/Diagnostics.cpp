//===- Diagnostics.cpp - everything that is wrong with a model, as one list ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/frontends/Diagnostics.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"

using namespace tenon;

/// Replaces what could change a terminal's state, and cuts what nobody would read.
static std::string printable(llvm::StringRef text) {
  constexpr size_t longest = 400;
  std::string result;
  for (unsigned char c : text.take_front(longest)) {
    if (llvm::isPrint(c))
      result += char(c);
    else
      result += "\\x" + llvm::utohexstr(c, /*LowerCase=*/true, /*Width=*/2);
  }
  return text.size() > longest ? result + "..." : result;
}

void Diagnostics::report(const llvm::Twine &path, const llvm::Twine &message) {
  if (reported++ < limit)
    kept.push_back({printable(path.str()), printable(message.str())});
}

bool Diagnostics::mentions(llvm::StringRef path) const {
  std::string shown = printable(path);
  return llvm::any_of(kept, [&](const Problem &problem) { return problem.path == shown; });
}

void Diagnostics::print(llvm::raw_ostream &os, llvm::StringRef file) const {
  os << file << ": " << reported << (reported == 1 ? " problem\n" : " problems\n");
  for (const Problem &problem : kept) {
    os << "  ";
    if (!problem.path.empty())
      os << problem.path << ": ";
    os << problem.message << '\n';
  }
  if (reported > kept.size())
    os << "  and " << reported - kept.size() << " more\n";
}
