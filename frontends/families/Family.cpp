//===- Family.cpp - family descriptors read from JSON ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/frontends/families/Family.h"

#include "tenon/dialects/nn/stored/ElementFunction.h"
#include "tenon/frontends/families/ReaderImpl.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace tenon;
using llvm::StringRef;

bool Family::describesFiles() const {
  return llvm::any_of(sources, [](const FamilySource &source) { return !source.architectures.empty(); });
}

namespace {
class FamilyReader : public RuleReader {
public:
  using RuleReader::RuleReader;

  Family readFamily(const Json &root);

private:
  std::vector<Definition> readOptions(const JsonNode &node);
  std::vector<Definition> readNumbers(const JsonNode &node, llvm::ArrayRef<NumberSpec> specs);
  Words readWords(const JsonNode &node);
  std::vector<LayerOverride> readLayers(const JsonNode &node);
  ParameterDefinition readParameter(StringRef role, const JsonNode &node);
  std::vector<TensorDefinition> readTensors(const JsonNode &node, llvm::ArrayRef<RoleSpec> specs);
  std::string readFunction(const JsonNode &node);
  TensorSpelling readSpelling(const JsonNode &node);
  std::vector<SupportedValues> readSupported(const JsonNode &node);
  FamilySource readSource(StringRef format, const JsonNode &node);
  void readExample(StringRef name, const JsonNode &node, Family &family);
};
} // namespace

std::vector<Definition> FamilyReader::readOptions(const JsonNode &node) {
  std::vector<Definition> result;
  forEachMember(node, [&](StringRef option, const JsonNode &value) {
    std::string known = BlockOptions::partsOf(option);
    if (known.empty())
      return diagnostics.report(value.path, "is no option of a block; there are " + llvm::join(BlockOptions::names(), ", "));
    Definition definition{option.str(), readRules(value)};
    BlockOptions probe;
    auto check = [&](StringRef part) {
      if (!probe.set(option, part))
        diagnostics.report(value.path, "expects one of " + known + ", but got " + part);
    };
    for (const Rule &rule : definition.rules) {
      if (rule.kind == Rule::Value)
        check(rule.text);
      for (const auto &[from, to] : rule.map)
        check(to);
    }
    result.push_back(std::move(definition));
  });
  return result;
}

std::vector<Definition> FamilyReader::readNumbers(const JsonNode &node, llvm::ArrayRef<NumberSpec> specs) {
  std::vector<Definition> result;
  forEachMember(node, [&](StringRef name, const JsonNode &value) {
    // A name with an underscore in front is the descriptor's own, for its expressions.
    if (!name.starts_with("_") && llvm::none_of(specs, [&](const NumberSpec &spec) { return spec.name == name; }))
      diagnostics.report(value.path, "is no number of a block; there are " +
                                         llvm::join(llvm::map_range(specs, [](const NumberSpec &spec) { return spec.name; }), ", ") +
                                         ", and names of one's own start with _");
    result.push_back({name.str(), readRules(value)});
  });
  return result;
}

/// Words with the braces that they have in names.
Words FamilyReader::readWords(const JsonNode &node) {
  Words words;
  forEachMember(node, [&](StringRef word, const JsonNode &text) { words.push_back({"{" + word.str() + "}", readString(text)}); });
  return words;
}

std::vector<LayerOverride> FamilyReader::readLayers(const JsonNode &node) {
  std::vector<LayerOverride> result;
  auto readOne = [&](const JsonNode &element) {
    LayerOverride layer;
    readMembers(element, {"when", "block", "sizes", "reals", "words"}, [&](StringRef name, const JsonNode &value) {
      if (name == "when")
        layer.when = readCondition(value);
      else if (name == "block")
        layer.options = readOptions(value);
      else if (name == "sizes")
        layer.sizes = readNumbers(value, sizeSpecs());
      else if (name == "words")
        layer.words = readWords(value);
      else
        layer.reals = readNumbers(value, realSpecs());
    });
    result.push_back(std::move(layer));
  };
  forEachElement(node, readOne);
  return result;
}

ParameterDefinition FamilyReader::readParameter(StringRef role, const JsonNode &node) {
  ParameterDefinition parameter;
  parameter.role = role.str();
  readMembers(node, {"shape", "optional", "tied", "present"}, [&](StringRef name, const JsonNode &value) {
    if (name == "shape")
      forEachElement(value, [&](const JsonNode &element) { parameter.shape.push_back(readScalar(element)); });
    else if (name == "optional")
      parameter.optional = readBool(value);
    else if (name == "present")
      parameter.present = readRules(value);
    else
      parameter.tied = readString(value);
  });
  if (!parameter.tied.empty() && !llvm::is_contained(roleNames(modelRoleSpecs()), parameter.tied))
    diagnostics.report(node.path + ".tied", "expects a role of the model, but got " + parameter.tied);
  return parameter;
}

/// The name of a function that is applied to a parameter's elements.
std::string FamilyReader::readFunction(const JsonNode &node) {
  std::string name = readString(node);
  if (!findElementFunction(name))
    diagnostics.report(node.path, "expects one of " + elementFunctionNames() + ", but got " + name);
  return name;
}

TensorSpelling FamilyReader::readSpelling(const JsonNode &node) {
  TensorSpelling spelling;
  if (node.value->is_string()) {
    spelling.pattern = readString(node);
    return spelling;
  }
  readMembers(node, {"tensor", "key", "rows", "transposed", "plus", "function", "when"}, [&](StringRef name, const JsonNode &value) {
    if (name == "tensor")
      spelling.pattern = readString(value);
    else if (name == "key")
      spelling.key = readString(value);
    else if (name == "rows")
      spelling.rows = readScalars(value);
    else if (name == "transposed")
      spelling.transposed = readBool(value);
    else if (name == "plus")
      spelling.plus = readNumber(value);
    else if (name == "function")
      spelling.function = readFunction(value);
    else
      spelling.when = readCondition(value);
  });
  if (spelling.pattern.empty() == spelling.key.empty())
    diagnostics.report(node.where(), "expects either tensor or key");
  if (!spelling.rows.empty() && spelling.rows.size() != 2 && spelling.rows.size() != 3)
    diagnostics.report(node.path + ".rows", "expects the first row, the number of rows and perhaps the distance of their repetitions");
  return spelling;
}

std::vector<TensorDefinition> FamilyReader::readTensors(const JsonNode &node, llvm::ArrayRef<RoleSpec> specs) {
  std::vector<TensorDefinition> result;
  llvm::SmallVector<StringRef> roles = roleNames(specs);
  readMembers(node, roles, [&](StringRef role, const JsonNode &value) {
    TensorDefinition definition{role.str(), {}};
    if (value.value->is_array())
      forEachElement(value, [&](const JsonNode &element) { definition.spellings.push_back(readSpelling(element)); });
    else
      definition.spellings.push_back(readSpelling(value));
    if (definition.spellings.empty())
      diagnostics.report(value.path, "expects a tensor's name");
    result.push_back(std::move(definition));
  });
  return result;
}

std::vector<SupportedValues> FamilyReader::readSupported(const JsonNode &node) {
  std::vector<SupportedValues> result;
  forEachMember(node, [&](StringRef key, const JsonNode &value) {
    SupportedValues supported{key.str(), {}, ""};
    readMembers(value, {"!values", "!otherwise"}, [&](StringRef name, const JsonNode &member) {
      if (name == "values")
        supported.values = readScalars(member);
      else
        supported.otherwise = readString(member);
    });
    result.push_back(std::move(supported));
  });
  return result;
}

FamilySource FamilyReader::readSource(StringRef format, const JsonNode &node) {
  static const StringRef members[] = {"architectures", "when",          "prefixes", "block",         "layers",       "sizes",
                                      "reals",         "supported",     "tensors",  "layer_tensors", "ignored_keys", "ignored_tensors",
                                      "strict_keys",   "masked_tokens", "words"};
  FamilySource source;
  source.format = format.str();
  readMembers(node, members, [&](StringRef name, const JsonNode &value) {
    if (name == "architectures")
      source.architectures = readScalars(value);
    else if (name == "when")
      source.when = readCondition(value);
    else if (name == "prefixes")
      source.prefixes = readScalars(value);
    else if (name == "block")
      source.options = readOptions(value);
    else if (name == "layers")
      source.layers = readLayers(value);
    else if (name == "sizes")
      source.sizes = readNumbers(value, sizeSpecs());
    else if (name == "reals")
      source.reals = readNumbers(value, realSpecs());
    else if (name == "supported")
      source.supported = readSupported(value);
    else if (name == "tensors")
      source.tensors = readTensors(value, modelRoleSpecs());
    else if (name == "layer_tensors")
      source.layerTensors = readTensors(value, layerRoleSpecs());
    else if (name == "ignored_keys")
      source.ignoredKeys = readNames(value);
    else if (name == "ignored_tensors")
      source.ignoredTensors = readNames(value);
    else if (name == "words")
      source.words = readWords(value);
    else if (name == "strict_keys")
      source.strictKeys = readString(value);
    else
      readMembers(value, {"!key", "!prefix"}, [&](StringRef member, const JsonNode &text) {
        TokenRule &rule = source.maskedTokens ? *source.maskedTokens : source.maskedTokens.emplace();
        (member == "key" ? rule.key : rule.prefix) = readString(text);
      });
  });
  return source;
}

void FamilyReader::readExample(StringRef name, const JsonNode &node, Family &family) {
  if (!node.value->is_object())
    return expects(node, "an object");
  family.examples.push_back(name.str());
}

/// The definitions of `over` in place of those of the same name.
static std::vector<Definition> layered(std::vector<Definition> base, const std::vector<Definition> &over) {
  for (const Definition &definition : over) {
    auto found = llvm::find_if(base, [&](const Definition &other) { return other.name == definition.name; });
    if (found != base.end())
      *found = definition;
    else
      base.push_back(definition);
  }
  return base;
}

Family FamilyReader::readFamily(const Json &root) {
  Family family;
  std::vector<Definition> options;
  std::vector<LayerOverride> layers;
  llvm::SmallVector<StringRef> roles = roleNames(modelRoleSpecs());
  roles.append(roleNames(layerRoleSpecs()));
  JsonNode top{&root, ""};
  readMembers(
      top, {"!family", "summary", "block", "layers", "parameters", "!sources", "example", "examples"},
      [&](StringRef name, const JsonNode &value) {
        if (name == "family")
          family.name = readString(value);
        else if (name == "summary")
          family.summary = readString(value);
        else if (name == "block")
          options = readOptions(value);
        else if (name == "layers")
          layers = readLayers(value);
        else if (name == "parameters")
          readMembers(value, roles,
                      [&](StringRef role, const JsonNode &parameter) { family.parameters.push_back(readParameter(role, parameter)); });
        else if (name == "sources")
          forEachMember(value, [&](StringRef format, const JsonNode &source) { family.sources.push_back(readSource(format, source)); });
        else if (name == "example")
          readExample("", value, family);
        else
          forEachMember(value, [&](StringRef example, const JsonNode &node) { readExample(example, node, family); });
      });
  for (FamilySource &source : family.sources) {
    source.options = layered(options, source.options);
    source.layers.insert(source.layers.begin(), layers.begin(), layers.end());
    if (source.architectures.empty())
      continue;
    for (StringRef option : BlockOptions::required())
      if (llvm::none_of(source.options, [&](const Definition &definition) { return definition.name == option; }))
        diagnostics.report("sources." + source.format,
                           "leaves the block's option " + option + " open; expects one of " + BlockOptions::partsOf(option));
  }
  return family;
}

std::optional<Family> tenon::parseFamily(StringRef text, Diagnostics &diagnostics) {
  size_t before = diagnostics.count();
  std::optional<Json> root = readMerged(text, diagnostics);
  if (!root)
    return std::nullopt;
  Family family = FamilyReader(diagnostics).readFamily(*root);
  if (diagnostics.count() != before)
    return std::nullopt;
  return family;
}
