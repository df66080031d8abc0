//===- Family.cpp - family descriptors read from JSON ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Every step asks for a value of one type at one place and reports a problem with that place if it gets
// another, so that a reader of the message finds the line. Unknown members are problems too: a misspelt one
// would otherwise be an option that silently does nothing.

#include "tenon/frontends/families/Family.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include <nlohmann/json.hpp>

using namespace tenon;
using llvm::StringRef;
using llvm::Twine;
using Json = nlohmann::ordered_json;

namespace {
/// A value of the text and its place, `sources.gguf.sizes`.
struct Node {
  const Json *value;
  std::string path;
};

class DescriptorReader {
public:
  explicit DescriptorReader(Diagnostics &diagnostics) : diagnostics(diagnostics) {}

  Family readFamily(const Json &root);

private:
  void expects(const Node &node, const Twine &what) {
    diagnostics.report(node.path.empty() ? "the descriptor" : node.path,
                       "expects " + what + ", but got " + StringRef(node.value->type_name()));
  }
  static Node child(const Node &node, StringRef name, const Json &value) {
    return {&value, node.path.empty() ? name.str() : (node.path + "." + name).str()};
  }

  /// Calls `visit` with each member of an object, in the order of the text.
  void forEachMember(const Node &node, llvm::function_ref<void(StringRef, const Node &)> visit);
  void forEachElement(const Node &node, llvm::function_ref<void(const Node &)> visit);
  /// As forEachMember, but reports members that are not in `known` and required ones (with a leading '!')
  /// that are missing.
  void readMembers(const Node &node, llvm::ArrayRef<StringRef> known, llvm::function_ref<void(StringRef, const Node &)> visit);
  std::string readString(const Node &node);
  std::string readStringOrNumber(const Node &node);
  bool readBool(const Node &node);
  std::vector<std::string> readStrings(const Node &node);

  void readBlock(const Node &node, BlockOptions &block);
  std::vector<ParameterDefinition> readParameters(const Node &node, llvm::ArrayRef<StringRef> roles);
  std::vector<TensorName> readTensors(const Node &node, llvm::ArrayRef<ParameterDefinition> parameters);
  std::vector<NumberDefinition> readNumbers(const Node &node, llvm::ArrayRef<StringRef> required, llvm::ArrayRef<StringRef> optional);
  NumberRule readRule(const Node &node);
  KeyValues readKeyValues(const Node &node, StringRef valuesName);
  void checkRoles(const Node &node, llvm::ArrayRef<ParameterDefinition> parameters, llvm::ArrayRef<StringRef> required);
  FamilySource readSource(StringRef format, const Node &node, const BlockOptions &block, const Family &family);

  Diagnostics &diagnostics;
};
} // namespace

void DescriptorReader::forEachMember(const Node &node, llvm::function_ref<void(StringRef, const Node &)> visit) {
  if (!node.value->is_object())
    return expects(node, "an object");
  for (const auto &[name, value] : node.value->get_ref<const Json::object_t &>())
    visit(name, child(node, name, value));
}

void DescriptorReader::forEachElement(const Node &node, llvm::function_ref<void(const Node &)> visit) {
  if (!node.value->is_array())
    return expects(node, "an array");
  for (const auto &[index, value] : llvm::enumerate(node.value->get_ref<const Json::array_t &>()))
    visit({&value, node.path + "[" + std::to_string(index) + "]"});
}

void DescriptorReader::readMembers(const Node &node, llvm::ArrayRef<StringRef> known,
                                   llvm::function_ref<void(StringRef, const Node &)> visit) {
  auto plain = [](StringRef name) { return name.ltrim('!'); };
  forEachMember(node, [&](StringRef name, const Node &value) {
    if (llvm::is_contained(llvm::map_range(known, plain), name))
      return visit(name, value);
    diagnostics.report(value.path, "is none of " + llvm::join(llvm::map_range(known, plain), ", "));
  });
  if (!node.value->is_object())
    return;
  for (StringRef name : known)
    if (name.starts_with("!") && !node.value->contains(plain(name).str()))
      diagnostics.report(node.path.empty() ? "the descriptor" : node.path, "lacks the member " + plain(name));
}

std::string DescriptorReader::readString(const Node &node) {
  if (const auto *text = node.value->get_ptr<const std::string *>())
    return *text;
  expects(node, "a string");
  return "";
}

std::string DescriptorReader::readStringOrNumber(const Node &node) {
  if (node.value->is_number())
    return node.value->dump();
  return readString(node);
}

bool DescriptorReader::readBool(const Node &node) {
  if (const auto *value = node.value->get_ptr<const bool *>())
    return *value;
  expects(node, "true or false");
  return false;
}

std::vector<std::string> DescriptorReader::readStrings(const Node &node) {
  std::vector<std::string> result;
  forEachElement(node, [&](const Node &element) { result.push_back(readStringOrNumber(element)); });
  return result;
}

void DescriptorReader::readBlock(const Node &node, BlockOptions &block) {
  forEachMember(node, [&](StringRef option, const Node &value) {
    std::string part = readString(value);
    if (block.set(option, part))
      return;
    std::string known = BlockOptions::partsOf(option);
    if (known.empty())
      diagnostics.report(value.path, "is no option of a block; there are " + llvm::join(BlockOptions::names(), ", "));
    else
      diagnostics.report(value.path, "expects one of " + known + ", but got " + part);
  });
}

std::vector<ParameterDefinition> DescriptorReader::readParameters(const Node &node, llvm::ArrayRef<StringRef> roles) {
  std::vector<ParameterDefinition> result;
  readMembers(node, roles, [&](StringRef role, const Node &value) {
    ParameterDefinition parameter;
    parameter.role = role.str();
    readMembers(value, {"!shape", "optional", "tied"}, [&](StringRef name, const Node &member) {
      if (name == "shape")
        parameter.shape = readStrings(member);
      else if (name == "optional")
        parameter.optional = readBool(member);
      else
        parameter.tied = readString(member);
    });
    result.push_back(std::move(parameter));
  });
  for (const ParameterDefinition &parameter : result)
    if (!parameter.tied.empty() && llvm::none_of(result, [&](auto &other) { return other.role == parameter.tied; }))
      diagnostics.report(node.path + "." + parameter.role, "is tied to " + parameter.tied + ", which is not defined");
  return result;
}

std::vector<TensorName> DescriptorReader::readTensors(const Node &node, llvm::ArrayRef<ParameterDefinition> parameters) {
  std::vector<TensorName> result;
  forEachMember(node, [&](StringRef role, const Node &value) {
    if (llvm::none_of(parameters, [&](auto &parameter) { return parameter.role == role; }))
      diagnostics.report(value.path, "is not among the parameters of the family");
    result.push_back({role.str(), readString(value)});
  });
  for (const ParameterDefinition &parameter : parameters)
    if (!parameter.optional && llvm::none_of(result, [&](auto &tensor) { return tensor.role == parameter.role; }))
      diagnostics.report(node.path, "has no tensor for " + parameter.role);
  return result;
}

NumberRule DescriptorReader::readRule(const Node &node) {
  NumberRule rule;
  readMembers(node, {"key", "count", "value", "when"}, [&](StringRef name, const Node &value) {
    if (name == "when") {
      rule.when = readKeyValues(value, "is");
      return;
    }
    rule.kind = name == "key" ? NumberRule::Key : name == "count" ? NumberRule::Count : NumberRule::Expression;
    rule.text = readStringOrNumber(value);
  });
  if (rule.text.empty())
    diagnostics.report(node.path, "expects one of key, count and value");
  return rule;
}

std::vector<NumberDefinition> DescriptorReader::readNumbers(const Node &node, llvm::ArrayRef<StringRef> required,
                                                            llvm::ArrayRef<StringRef> optional) {
  std::vector<NumberDefinition> result;
  forEachMember(node, [&](StringRef name, const Node &value) {
    NumberDefinition number;
    number.name = name.str();
    if (!llvm::is_contained(required, name) && !llvm::is_contained(optional, name))
      diagnostics.report(value.path,
                         "is no number of a block; there are " + llvm::join(required, ", ") + ", " + llvm::join(optional, ", "));
    forEachElement(value, [&](const Node &rule) { number.rules.push_back(readRule(rule)); });
    result.push_back(std::move(number));
  });
  for (StringRef name : required)
    if (llvm::none_of(result, [&](auto &number) { return number.name == name; }))
      diagnostics.report(node.path, "lacks the member " + name);
  return result;
}

KeyValues DescriptorReader::readKeyValues(const Node &node, StringRef valuesName) {
  KeyValues result;
  bool single = valuesName == "is";
  llvm::SmallVector<StringRef> known = {"!key", single ? "!is" : "!values"};
  if (!single)
    known.push_back("!otherwise");
  readMembers(node, known, [&](StringRef name, const Node &value) {
    if (name == "key")
      result.key = readString(value);
    else if (name == "otherwise")
      result.otherwise = readString(value);
    else if (single)
      result.values.push_back(readStringOrNumber(value));
    else
      result.values = readStrings(value);
  });
  return result;
}

void DescriptorReader::checkRoles(const Node &node, llvm::ArrayRef<ParameterDefinition> parameters, llvm::ArrayRef<StringRef> required) {
  for (StringRef role : required)
    if (llvm::none_of(parameters, [&](auto &parameter) { return parameter.role == role && !parameter.optional; }))
      diagnostics.report(node.path, "has a block that needs the parameter " + role + ", which is not defined or optional");
}

FamilySource DescriptorReader::readSource(StringRef format, const Node &node, const BlockOptions &block, const Family &family) {
  FamilySource source;
  source.format = format.str();
  source.block = block;
  readMembers(node,
              {"!architectures", "block", "!sizes", "!reals", "supported", "ignored_keys", "!tensors", "!layer_tensors", "ignored_tensors"},
              [&](StringRef name, const Node &value) {
                if (name == "architectures")
                  source.architectures = readStrings(value);
                else if (name == "block")
                  readBlock(value, source.block);
                else if (name == "sizes")
                  source.sizes = readNumbers(value, requiredSizes(), optionalSizes());
                else if (name == "reals")
                  source.reals = readNumbers(value, requiredReals(), optionalReals());
                else if (name == "supported")
                  forEachElement(value, [&](const Node &element) { source.supported.push_back(readKeyValues(element, "values")); });
                else if (name == "ignored_keys")
                  source.ignoredKeys = readStrings(value);
                else if (name == "tensors")
                  source.tensors = readTensors(value, family.parameters);
                else if (name == "layer_tensors")
                  source.layerTensors = readTensors(value, family.layerParameters);
                else
                  source.ignoredTensors = readStrings(value);
              });
  checkRoles(node, family.parameters, requiredModelRoles(source.block));
  checkRoles(node, family.layerParameters, requiredLayerRoles(source.block));
  return source;
}

Family DescriptorReader::readFamily(const Json &root) {
  Family family;
  BlockOptions block;
  Node top{&root, ""};
  std::optional<Node> sources; // read last, because they refer to the parameters
  readMembers(top, {"!family", "summary", "block", "!parameters", "!layer_parameters", "!sources"}, [&](StringRef name, const Node &value) {
    if (name == "family")
      family.name = readString(value);
    else if (name == "summary")
      family.summary = readString(value);
    else if (name == "block")
      readBlock(value, block);
    else if (name == "parameters")
      family.parameters = readParameters(value, modelRoles());
    else if (name == "layer_parameters")
      family.layerParameters = readParameters(value, layerRoles());
    else
      sources = value;
  });
  if (sources)
    forEachMember(*sources,
                  [&](StringRef format, const Node &value) { family.sources.push_back(readSource(format, value, block, family)); });
  return family;
}

std::optional<Family> tenon::parseFamily(StringRef text, Diagnostics &diagnostics) {
  Json root = Json::parse(text.begin(), text.end(), /*cb=*/nullptr, /*allow_exceptions=*/false);
  if (root.is_discarded()) {
    diagnostics.report("the descriptor", "is not JSON");
    return std::nullopt;
  }
  size_t before = diagnostics.count();
  Family family = DescriptorReader(diagnostics).readFamily(root);
  if (diagnostics.count() != before)
    return std::nullopt;
  return family;
}

static const StringRef descriptors[] = {
#include "tenon/frontends/families/Builtin.inc"
};

llvm::ArrayRef<StringRef> tenon::builtinFamilies() {
  return descriptors;
}
