//===- Merge.cpp - a descriptor with what it extends ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Objects are merged member by member, rules and anything else replace what was there, and null takes a member away. What belongs to the
// extended family alone (its name, its examples) is not inherited.

#include "tenon/frontends/families/MergeImpl.h"

#include "tenon/frontends/families/Family.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

#include <map>

using namespace tenon;
using llvm::StringRef;

static const StringRef descriptors[] = {
#include "tenon/frontends/families/Builtin.inc"
};

llvm::ArrayRef<StringRef> tenon::builtinFamilies() {
  return descriptors;
}

/// Whether brackets nest more deeply than any descriptor's: values are copied and merged recursively.
static bool nestsTooDeeply(StringRef text) {
  constexpr int limit = 32;
  int depth = 0;
  bool inString = false;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (inString && c == '\\')
      ++i;
    else if (c == '"')
      inString = !inString;
    else if (!inString && (c == '[' || c == '{') && ++depth > limit)
      return true;
    else if (!inString && (c == ']' || c == '}'))
      --depth;
  }
  return false;
}

static std::optional<Json> parse(StringRef text) {
  Json root = Json::parse(text.begin(), text.end(), /*cb=*/nullptr, /*allow_exceptions=*/false);
  if (root.is_discarded())
    return std::nullopt;
  return root;
}

/// The built-in descriptors by family, as they are written.
static const std::map<std::string, Json, std::less<>> &builtins() {
  static const auto families = [] {
    std::map<std::string, Json, std::less<>> result;
    for (StringRef text : descriptors) {
      std::optional<Json> root = parse(text);
      if (root && root->is_object() && root->contains("family") && root->at("family").is_string())
        result.emplace(root->at("family").get<std::string>(), std::move(*root));
    }
    return result;
  }();
  return families;
}

/// Rules, conditions and tensors are whole: half of one and half of another would mean something else.
static bool isWhole(const Json &value) {
  return value.contains("key") || value.contains("value") || value.contains("count") || value.contains("tensor");
}

static void merge(Json &base, const Json &over) {
  if (!base.is_object() || !over.is_object() || isWhole(over) || isWhole(base)) {
    base = over;
    return;
  }
  for (const auto &[name, value] : over.get_ref<const Json::object_t &>()) {
    if (value.is_null())
      base.erase(name);
    else if (base.contains(name))
      merge(base[name], value);
    else
      base[name] = value;
  }
}

/// Takes nulls away that took nothing away.
static void dropNulls(Json &value) {
  if (!value.is_object())
    return;
  for (auto member = value.begin(); member != value.end();)
    if (member->is_null()) {
      member = value.erase(member);
    } else {
      dropNulls(*member);
      ++member;
    }
}

static std::optional<Json> extended(const Json &root, int depth, Diagnostics &diagnostics) {
  auto name = root.find("extends");
  if (name == root.end())
    return root;
  if (!name->is_string()) {
    diagnostics.report("extends", "expects a string, but got " + StringRef(name->type_name()));
    return std::nullopt;
  }
  auto found = builtins().find(name->get_ref<const std::string &>());
  if (found == builtins().end() || depth == 0) {
    auto names = llvm::map_range(builtins(), [](const auto &entry) { return StringRef(entry.first); });
    diagnostics.report("extends", depth == 0
                                      ? "families extend each other in a circle"
                                      : "there is no family \"" + name->get<std::string>() + "\"; there are " + llvm::join(names, ", "));
    return std::nullopt;
  }
  std::optional<Json> base = extended(found->second, depth - 1, diagnostics);
  if (!base)
    return std::nullopt;
  for (const char *own : {"family", "summary", "extends", "example", "examples"})
    base->erase(own);
  merge(*base, root);
  base->erase("extends");
  return base;
}

std::optional<Json> tenon::readMerged(StringRef text, Diagnostics &diagnostics) {
  if (nestsTooDeeply(text)) {
    diagnostics.report("the descriptor", "nests too deeply");
    return std::nullopt;
  }
  std::optional<Json> root = parse(text);
  if (!root) {
    diagnostics.report("the descriptor", "is not JSON");
    return std::nullopt;
  }
  if (!root->is_object())
    return root;
  std::optional<Json> merged = extended(*root, /*depth=*/8, diagnostics);
  if (merged)
    dropNulls(*merged);
  return merged;
}
