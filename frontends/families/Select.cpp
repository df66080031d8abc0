//===- Select.cpp - the family that describes a model ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/frontends/families/Select.h"

#include "tenon/frontends/families/Resolve.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace tenon;
using llvm::StringRef;

std::vector<Family> tenon::loadFamilies(StringRef familyFile, Diagnostics &diagnostics) {
  std::vector<Family> families;
  if (familyFile.empty()) {
    for (StringRef text : builtinFamilies())
      if (std::optional<Family> family = parseFamily(text, diagnostics))
        families.push_back(std::move(*family));
    return families;
  }
  auto buffer = llvm::MemoryBuffer::getFile(familyFile, /*IsText=*/true);
  Diagnostics own; // these problems are the descriptor's, not the model's
  if (!buffer)
    own.report("", "cannot be read: " + buffer.getError().message());
  else if (std::optional<Family> family = parseFamily((*buffer)->getBuffer(), own))
    families.push_back(std::move(*family));
  for (const Problem &problem : own.problems())
    diagnostics.report(familyFile + (problem.path.empty() ? "" : ": " + problem.path), problem.message);
  return families;
}

const Family *tenon::selectFamily(llvm::ArrayRef<Family> families, const ModelSource &source, Diagnostics &diagnostics) {
  llvm::SmallVector<StringRef> known;
  const Family *general = nullptr; // one that describes all files of the architecture
  for (const Family &family : families) {
    for (const FamilySource &spelling : family.sources) {
      if (spelling.format == source.format())
        known.append(spelling.architectures.begin(), spelling.architectures.end());
      if (!describes(family, spelling, source))
        continue;
      if (spelling.when)
        return &family;
      if (!general)
        general = &family;
    }
  }
  if (general)
    return general;
  llvm::sort(known);
  known.erase(llvm::unique(known), known.end());
  diagnostics.report(source.format() == "gguf" ? "general.architecture" : "architectures",
                     "\"" + source.architecture() + "\" is not supported: expects one of " + llvm::join(known, ", ") +
                         "; a descriptor given by --family can describe another combination of known blocks");
  return nullptr;
}
