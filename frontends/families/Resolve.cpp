//===- Resolve.cpp - a family's descriptor filled with a model's files ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/frontends/families/Resolve.h"

#include "tenon/frontends/families/Expression.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"

#include <cmath>

using namespace tenon;
using llvm::StringRef;
using llvm::Twine;

namespace {
/// No dimension of a model is larger, so that products of two fit easily.
constexpr uint64_t largestSize = 1u << 31;

std::string shapeText(llvm::ArrayRef<int64_t> shape) {
  return "[" + llvm::join(llvm::map_range(shape, [](int64_t size) { return std::to_string(size); }), ", ") + "]";
}

/// Resolves one family against one source.
class Resolver {
public:
  Resolver(const Family &family, const FamilySource &spelling, const ModelSource &source, FormatPredicate isSupported,
           Diagnostics &diagnostics)
      : family(family), spelling(spelling), source(source), isSupported(isSupported), diagnostics(diagnostics) {}

  void readNumbers();
  bool usesWrongSize(StringRef expression) const;
  void checkNumbers();
  void checkKeys();
  void findParameters();
  void checkTensors();
  void readRopeFactors();

  ModelPlan plan;

private:
  std::string spell(StringRef pattern, std::optional<int64_t> layer = std::nullopt) const;
  bool holds(const KeyValues &condition) const;
  std::optional<ConfigValue> findKey(StringRef pattern);
  std::optional<int64_t> readSize(const NumberDefinition &number);
  std::optional<double> readReal(const NumberDefinition &number);
  const SourceTensor *findParameter(const ParameterDefinition &parameter, llvm::ArrayRef<TensorName> names, std::optional<int64_t> layer);
  bool checkParameter(const ParameterDefinition &parameter, const SourceTensor &tensor);

  const Family &family;
  const FamilySource &spelling;
  const ModelSource &source;
  FormatPredicate isSupported;
  Diagnostics &diagnostics;
  llvm::StringSet<> usedKeys, usedTensors;
  /// Sizes that are unknown because of something that was reported.
  llvm::StringSet<> wrongSizes;
};
} // namespace

/// A pattern with its placeholders replaced.
std::string Resolver::spell(StringRef pattern, std::optional<int64_t> layer) const {
  std::string result;
  while (!pattern.empty()) {
    if (pattern.consume_front("{arch}"))
      result += source.architecture();
    else if (layer && pattern.consume_front("{layer}"))
      result += std::to_string(*layer);
    else {
      result += pattern.front();
      pattern = pattern.drop_front();
    }
  }
  return result;
}

/// Whether a value is that text, or the number that the text spells.
static bool equals(const ConfigValue &value, StringRef text) {
  if (value.text)
    return *value.text == text;
  double number;
  return value.real && !text.getAsDouble(number) && number == *value.real;
}

bool Resolver::holds(const KeyValues &condition) const {
  std::optional<ConfigValue> value = source.find(spell(condition.key));
  return value && llvm::any_of(condition.values, [&](StringRef text) { return equals(*value, text); });
}

std::optional<ConfigValue> Resolver::findKey(StringRef pattern) {
  std::string key = spell(pattern);
  std::optional<ConfigValue> value = source.find(key);
  if (value)
    usedKeys.insert(key);
  return value;
}

/// Whether an expression cannot be computed because of a size that was reported.
bool Resolver::usesWrongSize(StringRef expression) const {
  llvm::SmallVector<StringRef, 4> words;
  llvm::SplitString(expression, words, " */");
  return llvm::any_of(words, [&](StringRef word) { return wrongSizes.contains(word); });
}

std::optional<int64_t> Resolver::readSize(const NumberDefinition &number) {
  std::string where = number.name;
  for (const NumberRule &rule : number.rules) {
    if (rule.when && !holds(*rule.when))
      continue;
    std::optional<uint64_t> size;
    if (rule.kind == NumberRule::Expression) {
      std::string problem;
      if (std::optional<int64_t> value = evaluateSizes(rule.text, plan.config.sizes, problem))
        size = static_cast<uint64_t>(*value);
      else if (usesWrongSize(rule.text))
        wrongSizes.insert(number.name);
      else
        diagnostics.report(number.name, problem);
      if (!size)
        return std::nullopt;
    } else {
      std::optional<ConfigValue> value = findKey(rule.text);
      where = spell(rule.text);
      if (!value)
        continue;
      size = rule.kind == NumberRule::Key ? value->size : value->count;
      if (!size) {
        diagnostics.report(where,
                           Twine("expects ") + (rule.kind == NumberRule::Key ? "a size" : "an array") + ", but got " + value->description);
        return std::nullopt;
      }
    }
    if (*size >= 1 && *size <= largestSize)
      return static_cast<int64_t>(*size);
    diagnostics.report(where, "expects a size of 1 to " + Twine(largestSize) + ", but got " + Twine(*size));
    return std::nullopt;
  }
  if (llvm::is_contained(requiredSizes(), number.name))
    diagnostics.report(where, "is missing, and the model's \"" + number.name + "\" cannot be known without it");
  return std::nullopt;
}

std::optional<double> Resolver::readReal(const NumberDefinition &number) {
  std::string where = number.name;
  for (const NumberRule &rule : number.rules) {
    if (rule.when && !holds(*rule.when))
      continue;
    double value;
    if (rule.kind == NumberRule::Expression) {
      if (StringRef(rule.text).getAsDouble(value)) {
        diagnostics.report(where, "expects a number, but got \"" + rule.text + "\"");
        return std::nullopt;
      }
    } else {
      std::optional<ConfigValue> found = findKey(rule.text);
      where = spell(rule.text);
      if (!found)
        continue;
      if (!found->real) {
        diagnostics.report(where, "expects a number, but got " + found->description);
        return std::nullopt;
      }
      value = *found->real;
    }
    // Every real of the block is a positive quantity that is used as an f32.
    float narrow = static_cast<float>(value);
    if (std::isfinite(narrow) && narrow > 0)
      return value;
    diagnostics.report(where, "expects a positive finite number, but got " + Twine(std::to_string(value)));
    return std::nullopt;
  }
  if (llvm::is_contained(requiredReals(), number.name))
    diagnostics.report(where, "is missing, and the model's \"" + number.name + "\" cannot be known without it");
  return std::nullopt;
}

void Resolver::readNumbers() {
  for (const NumberDefinition &number : spelling.sizes) {
    size_t problems = diagnostics.count();
    if (std::optional<int64_t> value = readSize(number))
      plan.config.sizes[number.name] = *value;
    else if (diagnostics.count() != problems)
      wrongSizes.insert(number.name);
  }
  for (const NumberDefinition &number : spelling.reals)
    if (std::optional<double> value = readReal(number))
      plan.config.reals[number.name] = *value;
}

/// What the block demands of its numbers, whatever the family.
void Resolver::checkNumbers() {
  const ModelConfig &config = plan.config;
  auto both = [&](StringRef a, StringRef b) { return config.optionalSize(a) && config.optionalSize(b); };
  auto describe = [&](StringRef name) { return (name + " = " + Twine(config.size(name))).str(); };
  auto report = [&](StringRef name, const Twine &expected, StringRef other) {
    diagnostics.report(name, "expects " + expected + ", but got " + describe(name) + " and " + describe(other));
  };
  if (both("heads", "kv_heads") && config.size("heads") % config.size("kv_heads") != 0)
    report("heads", "a multiple of kv_heads", "kv_heads");
  if (both("head_dim", "value_dim") && config.size("head_dim") != config.size("value_dim"))
    report("value_dim", "keys and values of the same size", "head_dim");
  if (both("rope_dims", "head_dim") && (config.size("rope_dims") > config.size("head_dim") || config.size("rope_dims") % 2 != 0))
    report("rope_dims", "an even number of elements of a head", "head_dim");
}

/// Reports keys of the architecture that nothing reads: they may ask for what the block does not do.
void Resolver::checkKeys() {
  for (const KeyValues &condition : spelling.supported) {
    std::optional<ConfigValue> value = findKey(condition.key);
    if (value && !holds(condition))
      diagnostics.report(spell(condition.key),
                         condition.otherwise + ": expects " + llvm::join(condition.values, " or ") + ", but got " + value->description);
  }
  for (StringRef pattern : spelling.ignoredKeys)
    usedKeys.insert(spell(pattern));
  // A key of a rule that was not needed is understood all the same.
  for (const auto *numbers : {&spelling.sizes, &spelling.reals})
    for (const NumberDefinition &number : *numbers)
      for (const NumberRule &rule : number.rules)
        usedKeys.insert(spell(rule.text));
  std::string prefix = source.architecture().str() + ".";
  source.forEachKey([&](StringRef key) {
    if (key.starts_with(prefix) && !usedKeys.contains(key))
      diagnostics.report(key,
                         "is not understood by the family " + family.name + "; a descriptor given by --family can define or ignore it");
  });
}

bool Resolver::checkParameter(const ParameterDefinition &parameter, const SourceTensor &tensor) {
  llvm::SmallVector<int64_t, 4> expected;
  for (StringRef text : parameter.shape) {
    std::string problem;
    std::optional<int64_t> size = evaluateSizes(text, plan.config.sizes, problem);
    if (!size)
      return false; // a number that is missing was reported when it was read
    expected.push_back(*size);
  }
  bool good = true;
  if (llvm::ArrayRef(expected) != llvm::ArrayRef(tensor.shape)) {
    diagnostics.report(tensor.name, "expects the shape " + shapeText(expected) + " (" + llvm::join(parameter.shape, ", ") + "), but got " +
                                        shapeText(tensor.shape));
    good = false;
  }
  bool isFloat = llvm::is_contained({"f32", "f16", "bf16"}, StringRef(tensor.format));
  if (expected.size() < 2 ? !isFloat : !isSupported(tensor.format)) {
    diagnostics.report(tensor.name,
                       "has the type " + tensor.format + ", which is not supported " + (expected.size() < 2 ? "for a vector" : "yet"));
    good = false;
  }
  return good;
}

const SourceTensor *Resolver::findParameter(const ParameterDefinition &parameter, llvm::ArrayRef<TensorName> names,
                                            std::optional<int64_t> layer) {
  const TensorName *spelled = llvm::find_if(names, [&](auto &name) { return name.role == parameter.role; });
  if (spelled == names.end())
    return nullptr; // optional, and unknown to this format
  std::string name = spell(spelled->pattern, layer);
  const SourceTensor *tensor = source.findTensor(name);
  if (!tensor) {
    // A tensor that the reader found unusable is there, and reported.
    if (!parameter.optional && parameter.tied.empty() && !diagnostics.mentions(name))
      diagnostics.report(name, "is missing: expects the tensor of " + parameter.role + ", [" + llvm::join(parameter.shape, ", ") + "]");
    return nullptr;
  }
  usedTensors.insert(name);
  return checkParameter(parameter, *tensor) ? tensor : nullptr;
}

static ParameterSource whole(const SourceTensor &tensor) {
  return {tensor.name, tensor.format, tensor.shape, {{&tensor, {}}}};
}

void Resolver::findParameters() {
  for (const ParameterDefinition &parameter : family.parameters) {
    const SourceTensor *tensor = findParameter(parameter, spelling.tensors, std::nullopt);
    if (!tensor && !parameter.tied.empty() && plan.parameters.contains(parameter.tied))
      plan.parameters[parameter.role] = plan.parameters.lookup(parameter.tied);
    if (tensor)
      plan.parameters[parameter.role] = whole(*tensor);
  }
  int64_t layers = plan.config.optionalSize("layers").value_or(0);
  if (static_cast<uint64_t>(layers) > source.tensors().size()) {
    diagnostics.report("layers", "expects tensors for " + Twine(layers) + " layers, but the file has " + Twine(source.tensors().size()) +
                                     " tensors altogether");
    return;
  }
  for (int64_t layer = 0; layer < layers; ++layer) {
    LayerPlan found{plan.block, plan.config, {}};
    for (const ParameterDefinition &parameter : family.layerParameters)
      if (const SourceTensor *tensor = findParameter(parameter, spelling.layerTensors, layer))
        found.parameters[parameter.role] = whole(*tensor);
    plan.layers.push_back(std::move(found));
  }
}

/// Reports tensors that no parameter reads: the model computes something with them.
void Resolver::checkTensors() {
  int64_t layers = plan.layers.size();
  for (StringRef pattern : spelling.ignoredTensors) {
    usedTensors.insert(spell(pattern));
    for (int64_t layer = 0; layer < layers && pattern.contains("{layer}"); ++layer)
      usedTensors.insert(spell(pattern, layer));
  }
  for (const SourceTensor &tensor : source.tensors())
    if (!usedTensors.contains(tensor.name))
      diagnostics.report(tensor.name, "is in the file, but the family " + family.name + " has no parameter for it");
}

void Resolver::readRopeFactors() {
  if (!plan.parameters.contains("rope_factors"))
    return;
  const SourceTensor *tensor = plan.parameters.lookup("rope_factors").pieces.front().tensor;
  plan.parameters.erase(StringRef("rope_factors"));
  std::optional<std::vector<float>> values = source.readSmall(*tensor);
  if (!values)
    diagnostics.report(tensor->name, "expects at most 65536 values of type f32, but got type " + tensor->format + " and shape " +
                                         shapeText(tensor->shape));
  else if (llvm::any_of(*values, [](float value) { return !std::isfinite(value) || value <= 0; }))
    diagnostics.report(tensor->name, "expects positive finite divisors");
  else
    plan.ropeFactors = std::move(*values);
}

std::optional<ModelPlan> tenon::resolveModel(const Family &family, const ModelSource &source, FormatPredicate isSupported,
                                             Diagnostics &diagnostics) {
  size_t before = diagnostics.count();
  auto spelling = llvm::find_if(family.sources, [&](auto &spelling) { return spelling.format == source.format(); });
  if (spelling == family.sources.end()) {
    diagnostics.report("", "the family " + family.name + " does not describe " + source.format() + " files");
    return std::nullopt;
  }
  Resolver resolver(family, *spelling, source, isSupported, diagnostics);
  resolver.plan.block = spelling->block;
  resolver.readNumbers();
  resolver.checkNumbers();
  resolver.checkKeys();
  resolver.findParameters();
  if (resolver.plan.config.optionalSize("layers")) // else most tensors would be reported
    resolver.checkTensors();
  resolver.readRopeFactors();
  if (diagnostics.count() != before)
    return std::nullopt;
  return std::move(resolver.plan);
}
