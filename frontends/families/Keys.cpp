//===- Keys.cpp - a source's keys and tensors as a descriptor names them ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/frontends/families/KeysImpl.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace tenon;
using llvm::StringRef;

SourceKeys::SourceKeys(const Family &family, const FamilySource &spelling, const ModelSource &source)
    : family(family), spelling(spelling), source(source) {
  // The prefix of these files is the first with which their embedding is there.
  for (const TensorDefinition &tensor : spelling.tensors)
    if (tensor.role == "embedding.weight")
      for (const TensorSpelling &spelled : tensor.spellings)
        for (const std::string &candidate : spelling.prefixes) {
          prefix = candidate;
          if (findTensor(spelled.pattern, {}))
            return;
        }
  prefix = spelling.prefixes.empty() ? "" : spelling.prefixes.front();
}

/// Takes `{_name}` from the front of the pattern if there is a number of that name.
static std::optional<int64_t> takeNumber(StringRef &pattern, const Placeholders &placeholders) {
  if (!placeholders.number || !pattern.starts_with("{_"))
    return std::nullopt;
  StringRef name = pattern.drop_front().take_until([](char c) { return c == '}'; });
  std::optional<int64_t> number = placeholders.number(name);
  if (number)
    pattern = pattern.drop_front(name.size() + 2);
  return number;
}

std::string SourceKeys::spell(StringRef pattern, const Placeholders &placeholders) const {
  std::string result;
  auto takeWord = [&] {
    for (const Words *words : {&placeholders.words, &spelling.words})
      for (const auto &[word, text] : *words)
        if (pattern.consume_front(word)) {
          result += text;
          return true;
        }
    return false;
  };
  while (!pattern.empty()) {
    if (takeWord())
      continue;
    if (pattern.consume_front("{arch}"))
      result += source.architecture();
    else if (pattern.consume_front("{prefix}"))
      result += prefix;
    else if (placeholders.layer && pattern.consume_front("{layer}"))
      result += std::to_string(*placeholders.layer);
    else if (placeholders.expert && pattern.consume_front("{expert}"))
      result += std::to_string(*placeholders.expert);
    else if (std::optional<int64_t> number = takeNumber(pattern, placeholders))
      result += std::to_string(*number);
    else {
      result += pattern.front();
      pattern = pattern.drop_front();
    }
  }
  return result;
}

std::string SourceKeys::placeOf(StringRef pattern, const Placeholders &placeholders) const {
  std::string place = spell(pattern, placeholders);
  if (!StringRef(place).ends_with("]"))
    return place;
  std::string array = place.substr(0, place.rfind('['));
  std::optional<ConfigValue> value = source.find(array);
  return value && value->count ? place : array;
}

std::optional<ConfigValue> SourceKeys::find(StringRef pattern, const Placeholders &placeholders) {
  return source.find(spell(pattern, placeholders));
}

const SourceTensor *SourceKeys::findTensor(StringRef pattern, const Placeholders &placeholders) const {
  return source.findTensor(spell(pattern, placeholders));
}

bool tenon::isOneOf(const ConfigValue &value, llvm::ArrayRef<std::string> texts) {
  return llvm::any_of(texts, [&](StringRef text) {
    if (value.text)
      return *value.text == text;
    if (text == "true" || text == "false")
      return value.size == (text == "true" ? 1u : 0u);
    double number;
    return value.real && !text.getAsDouble(number) && number == *value.real;
  });
}

void SourceKeys::useKeys(const Condition &condition) {
  if (condition.kind == Condition::Key || condition.kind == Condition::Has)
    useKey(condition.text);
  for (const Condition &part : condition.parts)
    useKeys(part);
}

void SourceKeys::useKeys(llvm::ArrayRef<Rule> rules) {
  for (const Rule &rule : rules) {
    for (StringRef key : rule.keys)
      useKey(key);
    if (rule.when)
      useKeys(*rule.when);
  }
}

void SourceKeys::useKeys(llvm::ArrayRef<Definition> definitions) {
  for (const Definition &definition : definitions)
    useKeys(definition.rules);
}

/// Whether a key, or an object or array that it is in, was read.
bool SourceKeys::isUsed(StringRef key) const {
  if (usedKeys.contains(key))
    return true;
  for (size_t i = key.find_first_of(".["); i != StringRef::npos; i = key.find_first_of(".[", i + 1))
    if (usedKeys.contains(key.take_front(i)))
      return true;
  return false;
}

static bool asksForNothing(const ConfigValue &value) {
  if (value.text)
    return value.text->empty();
  return value.size == 0u || value.real == 0.0 || value.count == 0u;
}

void SourceKeys::checkKeys(Diagnostics &diagnostics) {
  for (const SupportedValues &supported : spelling.supported) {
    std::optional<ConfigValue> value = find(supported.key, {});
    useKey(supported.key);
    if (value && !isOneOf(*value, supported.values))
      diagnostics.report(spell(supported.key),
                         supported.otherwise + ": expects " + llvm::join(supported.values, " or ") + ", but got " + value->description);
  }
  for (StringRef pattern : spelling.ignoredKeys)
    useKey(pattern);
  // What a rule reads is understood even if the rule is not needed.
  useKeys(spelling.options);
  useKeys(spelling.sizes);
  useKeys(spelling.reals);
  for (const LayerOverride &layer : spelling.layers) {
    if (layer.when)
      useKeys(*layer.when);
    useKeys(layer.options);
    useKeys(layer.sizes);
    useKeys(layer.reals);
  }
  for (const ParameterDefinition &parameter : family.parameters)
    useKeys(parameter.present);
  for (const auto *tensors : {&spelling.tensors, &spelling.layerTensors})
    for (const TensorDefinition &tensor : *tensors)
      for (const TensorSpelling &spelled : tensor.spellings) {
        if (!spelled.key.empty())
          useKey(spelled.key);
        if (spelled.when)
          useKeys(*spelled.when);
      }
  if (spelling.maskedTokens)
    useKey(spelling.maskedTokens->key);
  if (spelling.when)
    useKeys(*spelling.when);
  // `layer_types[{layer}]` reads layer_types.
  llvm::SmallVector<std::string> arrays;
  for (const auto &entry : usedKeys)
    if (StringRef key = entry.getKey(); key.ends_with("]"))
      arrays.push_back(key.take_front(key.rfind('[')).str());
  for (StringRef array : arrays)
    usedKeys.insert(array);

  std::string strict = spell(spelling.strictKeys);
  source.forEachKey([&](StringRef key) {
    if (!key.starts_with(strict) || isUsed(key))
      return;
    // An object of which members are read: its other members are keys themselves.
    std::string inside = (key + ".").str();
    if (llvm::any_of(usedKeys, [&](const auto &used) { return used.getKey().starts_with(inside); }))
      return;
    std::optional<ConfigValue> value = source.find(key);
    if (value && !asksForNothing(*value))
      diagnostics.report(key, "is not understood by the family " + family.name + ", but has the value " + value->description +
                                  "; a descriptor given by --family can define or ignore it");
  });
}

/// Whether a name is the pattern, in which each star is any text.
static bool matches(StringRef name, StringRef pattern) {
  size_t star = pattern.find('*');
  if (star == StringRef::npos)
    return name == pattern;
  if (!name.consume_front(pattern.take_front(star)))
    return false;
  // Each part between stars is best found as early as possible; the last one is at the end.
  for (pattern = pattern.drop_front(star + 1);;) {
    star = pattern.find('*');
    StringRef part = pattern.take_front(star);
    if (star == StringRef::npos)
      return name.ends_with(part);
    size_t at = name.find(part);
    if (at == StringRef::npos)
      return false;
    name = name.drop_front(at + part.size());
    pattern = pattern.drop_front(star + 1);
  }
}

void SourceKeys::checkTensors(Diagnostics &diagnostics) const {
  llvm::SmallVector<std::string> ignored;
  for (StringRef pattern : spelling.ignoredTensors) {
    std::string spelled = spell(pattern);
    for (size_t at = spelled.find("{layer}"); at != std::string::npos; at = spelled.find("{layer}"))
      spelled.replace(at, 7, "*");
    ignored.push_back(std::move(spelled));
  }
  for (const SourceTensor &tensor : source.tensors()) {
    if (usedTensors.contains(tensor.name) || llvm::any_of(ignored, [&](StringRef pattern) { return matches(tensor.name, pattern); }))
      continue;
    diagnostics.report(tensor.name, "is in the file, but the family " + family.name + " has no parameter for it");
  }
}
