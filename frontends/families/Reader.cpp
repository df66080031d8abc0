//===- Reader.cpp - the members of a descriptor as values ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Every step asks for a value of one type at one place and reports a problem with that place if it gets
// another, so that a reader of the message finds the line. Unknown members are problems too: a misspelt one
// would otherwise be an option that silently does nothing.

#include "tenon/frontends/families/ReaderImpl.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace tenon;
using llvm::StringRef;
using llvm::Twine;

void JsonReader::expects(const JsonNode &node, const Twine &what) {
  diagnostics.report(node.where(), "expects " + what + ", but got " + StringRef(node.value->type_name()));
}

static JsonNode child(const JsonNode &node, StringRef name, const Json &value) {
  return {&value, node.path.empty() ? name.str() : (node.path + "." + name).str()};
}

void JsonReader::forEachMember(const JsonNode &node, llvm::function_ref<void(StringRef, const JsonNode &)> visit) {
  if (!node.value->is_object())
    return expects(node, "an object");
  for (const auto &[name, value] : node.value->get_ref<const Json::object_t &>())
    visit(name, child(node, name, value));
}

void JsonReader::forEachElement(const JsonNode &node, llvm::function_ref<void(const JsonNode &)> visit) {
  if (!node.value->is_array())
    return expects(node, "an array");
  for (const auto &[index, value] : llvm::enumerate(node.value->get_ref<const Json::array_t &>()))
    visit({&value, node.path + "[" + std::to_string(index) + "]"});
}

void JsonReader::readMembers(const JsonNode &node, llvm::ArrayRef<StringRef> known,
                             llvm::function_ref<void(StringRef, const JsonNode &)> visit) {
  auto plain = [](StringRef name) { return name.ltrim('!'); };
  forEachMember(node, [&](StringRef name, const JsonNode &value) {
    if (llvm::is_contained(llvm::map_range(known, plain), name))
      return visit(name, value);
    diagnostics.report(value.path, "is none of " + llvm::join(llvm::map_range(known, plain), ", "));
  });
  if (!node.value->is_object())
    return;
  for (StringRef name : known)
    if (name.starts_with("!") && !node.value->contains(plain(name).str()))
      diagnostics.report(node.where(), "lacks the member " + plain(name));
}

std::string JsonReader::readString(const JsonNode &node) {
  if (const auto *text = node.value->get_ptr<const std::string *>())
    return *text;
  expects(node, "a string");
  return "";
}

std::string JsonReader::readScalar(const JsonNode &node) {
  if (node.value->is_number() || node.value->is_boolean())
    return node.value->dump();
  return readString(node);
}

double JsonReader::readNumber(const JsonNode &node) {
  if (node.value->is_number())
    return node.value->get<double>();
  expects(node, "a number");
  return 0;
}

bool JsonReader::readBool(const JsonNode &node) {
  if (const auto *value = node.value->get_ptr<const bool *>())
    return *value;
  expects(node, "true or false");
  return false;
}

std::vector<std::string> JsonReader::readScalars(const JsonNode &node) {
  if (!node.value->is_array())
    return {readScalar(node)};
  std::vector<std::string> result;
  forEachElement(node, [&](const JsonNode &element) { result.push_back(readScalar(element)); });
  return result;
}

std::vector<std::string> JsonReader::readNames(const JsonNode &node) {
  if (!node.value->is_object())
    return readScalars(node);
  std::vector<std::string> result;
  forEachMember(node, [&](StringRef name, const JsonNode &reason) {
    readString(reason);
    result.push_back(name.str());
  });
  return result;
}

Condition RuleReader::readCondition(const JsonNode &node) {
  Condition condition;
  if (!node.value->is_object()) {
    condition.text = readScalar(node);
    return condition;
  }
  bool isKey = node.value->contains("key");
  size_t members = 0;
  readMembers(node, {"key", "is", "has", "tensor", "not", "all", "any"}, [&](StringRef name, const JsonNode &value) {
    bool tests = name == "is" || name == "has";
    members += !tests;
    if (name == "key" || name == "tensor") {
      condition.kind = name == "tensor" ? Condition::Tensor : node.value->contains("has") ? Condition::Has : Condition::Key;
      condition.text = readString(value);
    } else if (tests) {
      condition.values = readScalars(value);
    } else if (name == "not") {
      condition.kind = Condition::Not;
      condition.parts = {readCondition(value)};
    } else {
      condition.kind = name == "all" ? Condition::All : Condition::Any;
      forEachElement(value, [&](const JsonNode &part) { condition.parts.push_back(readCondition(part)); });
    }
  });
  if (members != 1 || isKey != (node.value->contains("is") != node.value->contains("has")))
    diagnostics.report(node.where(), "expects an expression, or one of key with is or has, tensor, not, all and any");
  return condition;
}

Rule RuleReader::readRule(const JsonNode &node) {
  Rule rule;
  size_t kinds = 0;
  readMembers(node, {"key", "count", "value", "index", "of", "map", "when"}, [&](StringRef name, const JsonNode &value) {
    if (name == "when") {
      rule.when = readCondition(value);
    } else if (name == "map") {
      forEachMember(value, [&](StringRef from, const JsonNode &to) { rule.map.push_back({from.str(), readScalar(to)}); });
    } else if (name == "value") {
      rule.text = readScalar(value);
      ++kinds;
    } else if (name == "of") {
      rule.text = readScalar(value);
    } else {
      rule.kind = name == "key" ? Rule::Key : name == "index" ? Rule::Index : Rule::Count;
      rule.keys = readScalars(value);
      ++kinds;
    }
  });
  if (kinds != 1 || (rule.kind == Rule::Value ? rule.text.empty() : rule.keys.empty()))
    diagnostics.report(node.where(), "expects one of key, count, index and value");
  else if (rule.kind == Rule::Index ? rule.text.empty() || rule.keys.size() != 1 : rule.kind != Rule::Value && !rule.text.empty())
    diagnostics.report(node.where(), "expects an index of a number");
  else if (!rule.map.empty() && rule.kind != Rule::Key)
    diagnostics.report(node.where(), "expects a key with its map");
  return rule;
}

std::vector<Rule> RuleReader::readRules(const JsonNode &node) {
  std::vector<Rule> rules;
  if (node.value->is_array())
    forEachElement(node, [&](const JsonNode &rule) { rules.push_back(readRule(rule)); });
  else if (node.value->is_object())
    rules.push_back(readRule(node));
  else if (std::string text = readScalar(node); !text.empty())
    rules.push_back({Rule::Value, {}, std::move(text), {}, std::nullopt});
  return rules;
}
