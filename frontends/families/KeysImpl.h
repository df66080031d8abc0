//===- KeysImpl.h - a source's keys and tensors as a descriptor names them ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "tenon/frontends/ModelSource.h"
#include "tenon/frontends/families/Family.h"
#include "llvm/ADT/StringSet.h"

namespace tenon {

/// What stands for the placeholders of a pattern.
struct Placeholders {
  std::optional<int64_t> layer, expert;
  /// The layer's words, before those of the family.
  Words words = {};
  /// A number of the descriptor's own, "_name"; null where there are no numbers.
  std::function<std::optional<int64_t>(llvm::StringRef name)> number = nullptr;
};

/// One family's spelling of one source, which remembers what of the source was understood.
class SourceKeys {
public:
  SourceKeys(const Family &family, const FamilySource &spelling, const ModelSource &source);

  const Family &family;
  const FamilySource &spelling;
  const ModelSource &source;

  /// A pattern with its placeholders replaced.
  std::string spell(llvm::StringRef pattern, const Placeholders &placeholders = {}) const;
  /// How a message names a key: without the element's number if the key has one value for all.
  std::string placeOf(llvm::StringRef pattern, const Placeholders &placeholders) const;
  std::optional<ConfigValue> find(llvm::StringRef pattern, const Placeholders &placeholders);
  const SourceTensor *findTensor(llvm::StringRef pattern, const Placeholders &placeholders) const;

  /// Marks a key or a tensor as understood.
  void useKey(llvm::StringRef pattern) { usedKeys.insert(spell(pattern)); }
  void useTensor(llvm::StringRef name) { usedTensors.insert(name); }

  /// Reports keys that have unsupported values, and those below the strict prefix that nothing reads: they may ask for what the block
  /// does not do. A key that is null, false, 0 or empty asks for nothing.
  void checkKeys(Diagnostics &diagnostics);
  /// Reports tensors that no parameter reads: the model computes something with them.
  void checkTensors(Diagnostics &diagnostics) const;

private:
  void useKeys(const Condition &condition);
  void useKeys(llvm::ArrayRef<Definition> definitions);
  void useKeys(llvm::ArrayRef<Rule> rules);
  bool isUsed(llvm::StringRef key) const;

  std::string prefix;
  llvm::StringSet<> usedKeys, usedTensors;
};

/// Whether a value is one of these texts, or the number or truth that one spells.
bool isOneOf(const ConfigValue &value, llvm::ArrayRef<std::string> texts);

} // namespace tenon
