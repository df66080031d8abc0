//===- ValuesImpl.h - the numbers and options of a model ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "tenon/frontends/families/Expression.h"
#include "tenon/frontends/families/KeysImpl.h"

namespace tenon {

/// Resolves the numbers of a model, or of one of its layers. Numbers are computed when they are first asked for, so that expressions may
/// use each other's names in any order.
class ValueResolver {
public:
  /// Of a model.
  ValueResolver(SourceKeys &keys, Diagnostics &diagnostics);
  /// Of a layer: what its overrides do not define is the model's.
  ValueResolver(ValueResolver &model, int64_t layer);

  BlockOptions block;
  ModelConfig config;
  /// The options that a rule chose.
  llvm::StringSet<> chosen;

  /// Computes every number and option; reports numbers that the block needs and nothing gives.
  void resolve();

  bool holds(const Condition &condition);
  std::optional<Number> evaluate(llvm::StringRef expression, llvm::StringRef where, Division division);
  /// The value of the first rule that applies.
  std::optional<Number> evaluateRules(llvm::ArrayRef<Rule> rules, llvm::StringRef name);
  /// What C++ demands of numbers together, whatever the family.
  void checkNumbers();

  SourceKeys &keys;
  Diagnostics &diagnostics;
  Placeholders placeholders;

private:
  enum class State { Busy, Known, Absent, Failed };
  struct Entry {
    State state;
    Number value;
    /// Where it was looked for last: a key, or its own name.
    std::string place;
  };
  /// A definition and whether it is of a size.
  struct Source {
    const Definition *definition;
    bool isSize;
  };

  void define(llvm::ArrayRef<Definition> definitions, bool areSizes);
  void applyOptions(llvm::ArrayRef<Definition> options);
  std::optional<std::string> choosePart(const Definition &option);
  Entry &number(llvm::StringRef name);
  Entry compute(llvm::StringRef name);
  Entry indexOf(const Rule &rule, llvm::StringRef array);
  Entry fromRule(const Rule &rule, const ConfigValue &config, llvm::StringRef name, bool isSize, llvm::StringRef place);
  bool isNeeded(llvm::StringRef name) const;
  Entry ranged(llvm::StringRef name, bool isSize, Number value, llvm::StringRef where);
  std::optional<Number> lookup(llvm::StringRef name, std::string &problem);
  /// Reports each message once, however many layers have it.
  void check(llvm::ArrayRef<llvm::StringRef> names, const llvm::Twine &expected, llvm::function_ref<bool(llvm::ArrayRef<int64_t>)> good);
  void reportOnce(const llvm::Twine &path, const llvm::Twine &message);
  void requireNumbers();
  void store();

  ValueResolver *model = nullptr;
  llvm::StringMap<llvm::SmallVector<Source, 2>> sources; ///< the last one that gives a value counts
  llvm::StringMap<Entry> entries;
  std::vector<const LayerOverride *> overrides;
  llvm::StringSet<> reported;
};

} // namespace tenon
