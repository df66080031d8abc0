//===- Table.cpp - the families as a table ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/frontends/families/Table.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringExtras.h"

using namespace tenon;
using llvm::StringRef;

static std::string architecturesOf(const Family &family, StringRef format) {
  llvm::SmallVector<StringRef> names;
  for (const FamilySource &source : family.sources)
    if (source.format == format)
      names.append(source.architectures.begin(), source.architectures.end());
  return names.empty() ? "–" : llvm::join(names, ", ");
}

/// The parts that a definition can choose, in the order of its rules.
static void addParts(const Definition &option, llvm::SetVector<StringRef> &parts) {
  for (const Rule &rule : option.rules) {
    if (rule.kind == Rule::Value)
      parts.insert(rule.text);
    for (const auto &[from, to] : rule.map)
      parts.insert(to);
  }
}

/// What can be chosen of each option, leaving out options that stay at the block's default.
static std::string optionsOf(const Family &family) {
  llvm::SmallVector<std::string> described;
  for (StringRef option : BlockOptions::names()) {
    llvm::SetVector<StringRef> parts;
    for (const FamilySource &source : family.sources) {
      for (const Definition &definition : source.options)
        if (definition.name == option)
          addParts(definition, parts);
      for (const LayerOverride &layer : source.layers)
        for (const Definition &definition : layer.options)
          if (definition.name == option)
            addParts(definition, parts);
    }
    bool isDefault = parts.size() == 1 && parts.front() == BlockOptions().get(option);
    if (parts.empty() || isDefault)
      continue;
    // A long choice is the file's: what it can be is in the README.
    described.push_back((option + " " + (parts.size() > 3 ? "any" : llvm::join(parts, "/"))).str());
  }
  return llvm::join(described, ", ");
}

std::string tenon::familyTable(llvm::ArrayRef<Family> families) {
  std::string table = "| family | Hugging Face | GGUF | options | tested |\n|---|---|---|---|---|\n";
  for (const Family &family : families) {
    if (!family.describesFiles())
      continue;
    auto names = llvm::map_range(family.examples, [](const std::string &name) { return name.empty() ? "plain" : name; });
    std::string tested = family.examples.empty() ? "–" : llvm::join(names, ", ");
    table += "| " + family.name + " | " + architecturesOf(family, "huggingface") + " | " + architecturesOf(family, "gguf") + " | " +
             optionsOf(family) + " | " + tested + " |\n";
  }
  return table;
}
