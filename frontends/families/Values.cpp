//===- Values.cpp - the numbers and options of a model ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/frontends/families/ValuesImpl.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

#include <cmath>

using namespace tenon;
using llvm::StringRef;
using llvm::Twine;

/// No dimension of a model is larger, so that products of two fit easily.
static constexpr int64_t largestSize = int64_t{1} << 31;
/// The elements of an array that are looked at one by one.
static constexpr uint64_t largestArray = 65536;

ValueResolver::ValueResolver(SourceKeys &keys, Diagnostics &diagnostics) : keys(keys), diagnostics(diagnostics) {
  define(keys.spelling.sizes, /*areSizes=*/true);
  define(keys.spelling.reals, /*areSizes=*/false);
}

ValueResolver::ValueResolver(ValueResolver &model, int64_t layer)
    : block(model.block), chosen(model.chosen), keys(model.keys), diagnostics(model.diagnostics), model(&model) {
  placeholders.layer = layer;
  placeholders.number = [this](StringRef name) -> std::optional<int64_t> {
    Entry &entry = number(name);
    return entry.state == State::Known ? entry.value.asWhole() : std::nullopt;
  };
  for (const LayerOverride &part : keys.spelling.layers) {
    if (part.when && !holds(*part.when))
      continue;
    overrides.push_back(&part);
    placeholders.words.insert(placeholders.words.begin(), part.words.begin(), part.words.end());
    define(part.sizes, /*areSizes=*/true);
    define(part.reals, /*areSizes=*/false);
  }
}

void ValueResolver::define(llvm::ArrayRef<Definition> definitions, bool areSizes) {
  for (const Definition &definition : definitions) {
    sources[definition.name].push_back({&definition, areSizes});
    entries.erase(definition.name); // a condition may have asked for it before
  }
}

void ValueResolver::reportOnce(const Twine &path, const Twine &message) {
  ValueResolver &owner = model ? *model : *this;
  if (owner.reported.insert((path + ": " + message).str()).second)
    diagnostics.report(path, message);
}

bool ValueResolver::holds(const Condition &condition) {
  switch (condition.kind) {
  case Condition::Expression: {
    std::optional<Number> value = evaluate(condition.text, "when", Division::Real);
    return value && value->isTrue();
  }
  case Condition::Key: {
    std::optional<ConfigValue> value = keys.find(condition.text, placeholders);
    return value && isOneOf(*value, condition.values);
  }
  case Condition::Has: {
    std::string array = keys.spell(condition.text, placeholders);
    std::optional<ConfigValue> value = keys.source.find(array);
    std::optional<Number> wanted = value && value->count ? evaluate(condition.values.front(), "when", Division::Whole) : std::nullopt;
    for (uint64_t i = 0; wanted && i < std::min<uint64_t>(*value->count, largestArray); ++i)
      if (std::optional<ConfigValue> element = keys.source.find(array + "[" + std::to_string(i) + "]");
          element && element->real == wanted->asReal())
        return true;
    return false;
  }
  case Condition::Tensor:
    return keys.findTensor(condition.text, placeholders);
  case Condition::Not:
    return !holds(condition.parts.front());
  case Condition::All:
    return llvm::all_of(condition.parts, [&](const Condition &part) { return holds(part); });
  case Condition::Any:
    return llvm::any_of(condition.parts, [&](const Condition &part) { return holds(part); });
  }
  llvm_unreachable("every kind has a case");
}

std::optional<Number> ValueResolver::lookup(StringRef name, std::string &problem) {
  if (name == "layer" && placeholders.layer)
    return Number(*placeholders.layer);
  Entry &entry = number(name);
  switch (entry.state) {
  case State::Known:
    return entry.value;
  case State::Failed:
    return std::nullopt;
  case State::Busy:
    problem = ("\"" + name + "\" depends on itself").str();
    return std::nullopt;
  case State::Absent:
    break;
  }
  for (const NumberSpec *spec : {findSizeSpec(name), findRealSpec(name)})
    if (spec && spec->range == NumberRange::Switch)
      return Number(int64_t{0}); // there is no such thing
  if (!isNeeded(name)) {
    entry.state = State::Failed; // what depends on it is not needed either; if it is, this one's absence is reported for its own sake
    return std::nullopt;
  }
  problem = ("there is no number \"" + name + "\"").str();
  if (findSizeSpec(name) || findRealSpec(name)) {
    // The root of the problem is that nothing gives it.
    reportOnce(entry.place, "is missing, and the model's \"" + name + "\" cannot be known without it");
    entry.state = State::Failed;
    problem.clear();
  }
  return std::nullopt;
}

std::optional<Number> ValueResolver::evaluate(StringRef expression, StringRef where, Division division) {
  std::string problem;
  auto find = [&](StringRef name, std::string &why) { return lookup(name, why); };
  std::optional<Number> value = evaluateExpression(expression, division, find, problem);
  if (!value && !problem.empty())
    reportOnce(where, problem);
  return value;
}

ValueResolver::Entry &ValueResolver::number(StringRef name) {
  auto [found, isNew] = entries.try_emplace(name, Entry{State::Busy, Number(int64_t{0}), name.str()});
  if (isNew) {
    Entry entry = compute(name);
    entries.insert_or_assign(name, entry);
  }
  return entries.find(name)->second;
}

/// Whether a block of these options may ask for the number: for its heads, say, if it has attention.
bool ValueResolver::isNeeded(StringRef name) const {
  for (const NumberSpec *spec : {findSizeSpec(name), findRealSpec(name)})
    if (spec && spec->isRequired && !spec->isRequired(block))
      return false;
  return true;
}

/// The value if the number may have it.
ValueResolver::Entry ValueResolver::ranged(StringRef name, bool isSize, Number value, StringRef where) {
  const NumberSpec *spec = isSize ? findSizeSpec(name) : findRealSpec(name);
  NumberRange range = spec ? spec->range : NumberRange::Any;
  Entry failed{State::Failed, value, where.str()};
  if (range == NumberRange::Positive && !isNeeded(name))
    range = NumberRange::Switch; // 0 heads of a layer without attention
  if (isSize) {
    // As Python's int() does with what descriptors' originals compute in floating point.
    double real = std::trunc(value.asReal());
    int64_t least = range == NumberRange::Positive ? 1 : 0;
    if (!(real >= static_cast<double>(least) && real <= static_cast<double>(largestSize))) {
      std::string got = value.asWhole() ? std::to_string(*value.asWhole()) : std::to_string(value.asReal());
      reportOnce(where, "expects a size of " + Twine(least) + " to " + Twine(largestSize) + ", but got " + got);
      return failed;
    }
    value = Number(static_cast<int64_t>(real));
  } else if (float narrow = static_cast<float>(value.asReal());
             !std::isfinite(narrow) || (range == NumberRange::Positive ? narrow <= 0 : range == NumberRange::Switch && narrow < 0)) {
    reportOnce(where, Twine("expects a ") +
                          (range == NumberRange::Positive ? "positive "
                           : range == NumberRange::Switch ? "non-negative "
                                                          : "") +
                          "finite number, but got " + Twine(std::to_string(value.asReal())));
    return failed;
  }
  if (range == NumberRange::Switch && !value.isTrue())
    return {State::Absent, value, where.str()};
  return {State::Known, value, where.str()};
}

/// The number of the files, which may be too large for a whole one.
static Number fromUnsigned(uint64_t value) {
  return value <= static_cast<uint64_t>(INT64_MAX) ? Number(static_cast<int64_t>(value)) : Number(static_cast<double>(value));
}

/// Where in an array a number is.
ValueResolver::Entry ValueResolver::indexOf(const Rule &rule, StringRef array) {
  Entry result{State::Failed, Number(int64_t{0}), array.str()};
  std::optional<ConfigValue> value = keys.source.find(array);
  std::optional<Number> wanted = evaluate(rule.text, array, Division::Whole);
  if (!wanted)
    return result;
  for (uint64_t i = 0; i < std::min<uint64_t>(value && value->count ? *value->count : 0, largestArray); ++i)
    if (std::optional<ConfigValue> element = keys.source.find((array + "[" + Twine(i) + "]").str());
        element && element->real == wanted->asReal())
      return {State::Known, Number(static_cast<int64_t>(i)), array.str()};
  reportOnce(array, "expects an array that has " + Twine(std::to_string(wanted->asReal())));
  return result;
}

/// What a rule makes of the value of its key.
ValueResolver::Entry ValueResolver::fromRule(const Rule &rule, const ConfigValue &config, StringRef name, bool isSize, StringRef place) {
  Entry failed{State::Failed, Number(int64_t{0}), place.str()};
  if (!rule.map.empty()) {
    auto row = llvm::find_if(rule.map, [&](const auto &row) { return isOneOf(config, row.first); });
    if (row == rule.map.end()) {
      auto names = llvm::map_range(rule.map, [](const auto &row) { return StringRef(row.first); });
      reportOnce(place, "expects one of " + llvm::join(names, ", ") + ", but got " + config.description);
      return failed;
    }
    std::optional<Number> value = evaluate(row->second, place, isSize ? Division::Whole : Division::Real);
    return value ? ranged(name, isSize, *value, place) : failed;
  }
  if (rule.kind == Rule::Count ? !config.count : isSize ? !config.size : !config.real && !config.size) {
    StringRef kind = rule.kind == Rule::Count ? "an array" : isSize ? "a size" : "a number";
    reportOnce(place, "expects " + kind + ", but got " + config.description);
    return failed;
  }
  std::optional<uint64_t> whole = rule.kind == Rule::Count ? config.count : isSize || !config.real ? config.size : std::nullopt;
  return ranged(name, isSize, whole ? fromUnsigned(*whole) : Number(*config.real), place);
}

ValueResolver::Entry ValueResolver::compute(StringRef name) {
  std::string place = name.str();
  auto fromExpression = [&](StringRef text, bool isSize) {
    std::optional<Number> value = evaluate(text, place, isSize ? Division::Whole : Division::Real);
    return value ? ranged(name, isSize, *value, place) : Entry{State::Failed, Number(int64_t{0}), place};
  };
  auto found = sources.find(name);
  llvm::SmallVector<Source, 2> definitions;
  if (found != sources.end())
    definitions = found->second;
  for (const Source &source : llvm::reverse(definitions)) {
    for (const Rule &rule : source.definition->rules) {
      if (rule.when && !holds(*rule.when))
        continue;
      if (rule.kind == Rule::Value) {
        place = name.str();
        return fromExpression(rule.text, source.isSize);
      }
      for (StringRef pattern : rule.keys) {
        place = keys.placeOf(pattern, placeholders);
        if (rule.kind == Rule::Index)
          return indexOf(rule, place);
        if (std::optional<ConfigValue> config = keys.find(pattern, placeholders))
          return fromRule(rule, *config, name, source.isSize, place);
      }
    }
  }
  if (model)
    return model->number(name);
  const NumberSpec *size = findSizeSpec(name), *spec = size ? size : findRealSpec(name);
  if (spec && !spec->otherwise.empty())
    return fromExpression(spec->otherwise, size != nullptr);
  return {State::Absent, Number(int64_t{0}), place};
}

std::optional<Number> ValueResolver::evaluateRules(llvm::ArrayRef<Rule> rules, StringRef name) {
  Definition definition{name.str(), rules.vec()};
  sources[name] = {{&definition, /*isSize=*/false}};
  entries.erase(name);
  Entry entry = compute(name);
  sources.erase(name);
  return entry.state == State::Known ? std::optional(entry.value) : std::nullopt;
}

std::optional<std::string> ValueResolver::choosePart(const Definition &option) {
  for (const Rule &rule : option.rules) {
    if (rule.when && !holds(*rule.when))
      continue;
    if (rule.kind == Rule::Value)
      return rule.text;
    for (StringRef pattern : rule.keys) {
      std::optional<ConfigValue> value = keys.find(pattern, placeholders);
      if (!value)
        continue;
      for (const auto &[from, to] : rule.map)
        if (isOneOf(*value, from))
          return to;
      if (rule.map.empty() && value->text && BlockOptions().set(option.name, *value->text))
        return *value->text;
      auto names = llvm::map_range(rule.map, [](const auto &row) { return StringRef(row.first); });
      std::string supported = rule.map.empty() ? BlockOptions::partsOf(option.name) : llvm::join(names, ", ");
      reportOnce(keys.placeOf(pattern, placeholders), "asks for a part of the block (" + option.name +
                                                          ") that there is not: expects one of " + supported + ", but got " +
                                                          value->description);
      return std::nullopt;
    }
  }
  return std::nullopt;
}

void ValueResolver::applyOptions(llvm::ArrayRef<Definition> options) {
  for (const Definition &option : options)
    if (std::optional<std::string> part = choosePart(option)) {
      block.set(option.name, *part);
      chosen.insert(option.name);
    }
}

/// Reports the numbers that the block needs and nothing gives.
void ValueResolver::requireNumbers() {
  for (llvm::ArrayRef<NumberSpec> specs : {sizeSpecs(), realSpecs()})
    for (const NumberSpec &spec : specs) {
      if (!spec.isRequired || !spec.isRequired(block))
        continue;
      Entry entry = number(spec.name);
      if (entry.state == State::Absent || (entry.state == State::Failed && diagnostics.empty()))
        reportOnce(entry.place, "is missing, and the model's \"" + spec.name + "\" cannot be known without it");
    }
}

void ValueResolver::store() {
  for (const NumberSpec &spec : sizeSpecs())
    if (Entry &entry = number(spec.name); entry.state == State::Known)
      config.sizes[spec.name] = *entry.value.asWhole();
  for (const NumberSpec &spec : realSpecs())
    if (Entry &entry = number(spec.name); entry.state == State::Known)
      config.reals[spec.name] = entry.value.asReal();
}

void ValueResolver::resolve() {
  if (model) {
    for (const LayerOverride *part : overrides)
      applyOptions(part->options);
  } else {
    applyOptions(keys.spelling.options);
    if (!chosen.contains("norm_parameters") && block.norm == NormKind::Layer)
      block.normParameters = NormParameters::WeightBias;
  }
  requireNumbers();
  store();
  checkNumbers();
}
