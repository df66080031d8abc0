//===- Config.cpp - a config.json as configuration keys ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/frontends/huggingface/Config.h"

using namespace tenon;
using namespace tenon::huggingface;
using llvm::StringRef;
using llvm::Twine;
using Json = nlohmann::json;

/// No configuration nests deeper; parsing and walking recurse.
static constexpr int deepest = 32;

/// JSON has no infinity, but limits of "[0.0, Infinity]" are written by Python. A limit that is infinite is none, so it is null here: as a
/// word outside of strings, or as the object that newer writers make of it.
static std::string withoutInfinities(StringRef text) {
  static constexpr StringRef words[] = {"-Infinity", "Infinity"};
  std::string result;
  bool inString = false;
  while (!text.empty()) {
    const auto *word = llvm::find_if(words, [&](StringRef candidate) { return text.starts_with(candidate); });
    if (!inString && word != std::end(words)) {
      result += "null";
      text = text.drop_front(word->size());
      continue;
    }
    inString ^= text.front() == '"';
    size_t taken = inString && text.front() == '\\' ? 2 : 1;
    result += text.take_front(taken);
    text = text.drop_front(std::min(taken, text.size()));
  }
  return result;
}

static bool isInfinity(const Json &value) {
  if (!value.is_object() || value.size() != 1 || value.begin().key() != "__float__" || !value.begin()->is_string())
    return false;
  return StringRef(value.begin()->get_ref<const std::string &>()).ends_with("Infinity");
}

/// "M" of `pattern<0>` if the pattern is a string that begins with it.
static std::optional<ConfigValue> letterOf(const Json *string, StringRef place) {
  size_t index;
  if (!string || !string->is_string() || place.getAsInteger(10, index) || index >= string->get_ref<const std::string &>().size())
    return std::nullopt;
  return describe(Json(std::string(1, string->get_ref<const std::string &>()[index])));
}

std::optional<Config> Config::parse(StringRef text, StringRef path, Diagnostics &diagnostics) {
  bool tooDeep = false;
  auto bound = [&](int depth, Json::parse_event_t event, Json &value) {
    tooDeep |= depth > deepest;
    if (event == Json::parse_event_t::object_end && isInfinity(value))
      value = nullptr;
    return depth <= deepest;
  };
  // A NaN is refused like anything else that is not JSON.
  Json parsed = Json::parse(withoutInfinities(text), bound, /*allow_exceptions=*/false);
  if (parsed.is_discarded() || !parsed.is_object() || tooDeep) {
    diagnostics.report(path, tooDeep ? "nests deeper than " + Twine(deepest) + " levels" : Twine("expects a JSON object"));
    return std::nullopt;
  }
  Config config;
  if (auto inner = parsed.find("text_config"); inner != parsed.end() && inner->is_object()) {
    Json nested = std::move(*inner);
    parsed.erase("text_config");
    // The architectures are those of the whole.
    for (auto &[key, value] : nested.items())
      if (key != "architectures" && key != "model_type")
        parsed[key] = std::move(value);
  }
  config.root = std::move(parsed);
  return config;
}

const Json *Config::value(StringRef key) const {
  const Json *at = &root;
  while (!key.empty()) {
    StringRef name = key.take_until([](char c) { return c == '.' || c == '['; });
    if (!name.empty()) {
      if (!at->is_object())
        return nullptr;
      auto found = at->find(name.str());
      if (found == at->end())
        return nullptr;
      at = &*found;
    }
    key = key.drop_front(name.size());
    if (key.consume_front("[")) {
      size_t index;
      if (key.consumeInteger(10, index) || !key.consume_front("]"))
        return nullptr;
      if (at->is_array()) {
        if (index >= at->size())
          return nullptr;
        at = &(*at)[index];
      } // a value that is no array stands for all of its elements
    }
    key.consume_front(".");
  }
  return at->is_null() ? nullptr : at;
}

static std::string shortened(std::string text) {
  constexpr size_t most = 60;
  return text.size() <= most ? text : text.substr(0, most) + "...";
}

ConfigValue huggingface::describe(const Json &value) {
  ConfigValue result;
  if (value.is_boolean()) {
    result.description = value.get<bool>() ? "true" : "false";
    result.size = value.get<bool>();
  } else if (value.is_number_unsigned()) {
    result.size = value.get<uint64_t>();
    result.real = static_cast<double>(*result.size);
    result.description = value.dump();
  } else if (value.is_number()) {
    result.real = value.get<double>();
    // 1e4 and 0.0 are whole numbers too.
    if (*result.real >= 0 && *result.real < 9e15 && *result.real == static_cast<double>(static_cast<uint64_t>(*result.real)))
      result.size = static_cast<uint64_t>(*result.real);
    result.description = value.dump();
  } else if (value.is_string()) {
    result.text = value.get<std::string>();
    result.description = "\"" + shortened(*result.text) + "\"";
  } else if (value.is_array()) {
    result.count = value.size();
    result.description = "an array of " + std::to_string(value.size());
    bool same = !value.empty() && value[0].is_number_unsigned();
    for (const Json &element : value)
      same = same && element == value[0];
    if (same)
      result.size = value[0].get<uint64_t>();
  } else {
    result.count = value.size();
    result.description = "an object of " + std::to_string(value.size()) + " members";
  }
  return result;
}

std::optional<ConfigValue> Config::find(StringRef key) const {
  if (StringRef letter = key; letter.consume_back(">") && letter.contains('<'))
    return letterOf(value(letter.rsplit('<').first), letter.rsplit('<').second);
  const Json *found = value(key);
  return found ? std::optional(describe(*found)) : std::nullopt;
}

static void visitKeys(const Json &object, const std::string &prefix, llvm::function_ref<void(StringRef)> visit) {
  for (const auto &[key, value] : object.items()) {
    if (value.is_object() && !value.empty())
      visitKeys(value, prefix + key + ".", visit);
    else if (!value.is_null())
      visit(prefix + key);
  }
}

void Config::forEachKey(llvm::function_ref<void(StringRef)> visit) const {
  visitKeys(root, "", visit);
}
