//===- Json.cpp - values of JSON files by path ------------------*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/frontends/tokenizer/JsonImpl.h"

#include "llvm/ADT/Twine.h"
#include "llvm/Support/MemoryBuffer.h"

#include <cmath>

using namespace llvm;
using namespace tenon;

void JsonView::expects(const Twine &what) const {
  std::string got = "nothing";
  if (json) {
    got = json->is_primitive() ? json->dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)
          : json->is_array()   ? "a list"
                               : "an object";
    if (got.size() > 60)
      got = got.substr(0, 60) + "...";
  }
  report("expects " + what + ", but got " + got);
}

static std::string joined(const std::string &path, StringRef key) {
  return path.empty() ? key.str() : path + "." + key.str();
}

JsonView JsonView::operator[](StringRef key) const {
  const nlohmann::json *member = nullptr;
  if (exists() && json->is_object())
    if (auto found = json->find(key.str()); found != json->end())
      member = &*found;
  return JsonView(member, joined(where, key), diagnostics);
}

JsonView JsonView::operator[](size_t index) const {
  const nlohmann::json *element = isArray() && index < json->size() ? &(*json)[index] : nullptr;
  return JsonView(element, where + "[" + std::to_string(index) + "]", diagnostics);
}

void JsonView::forEach(function_ref<void(JsonView)> visit) const {
  if (!exists())
    return;
  if (!json->is_array())
    return expects("a list");
  for (size_t i = 0; i < json->size(); ++i)
    visit((*this)[i]);
}

void JsonView::forEachMember(function_ref<void(StringRef, JsonView)> visit) const {
  if (!exists())
    return;
  if (!json->is_object())
    return expects("an object");
  for (auto member = json->begin(); member != json->end(); ++member)
    visit(member.key(), JsonView(&member.value(), joined(where, member.key()), diagnostics));
}

std::optional<std::string> JsonView::string() const {
  if (exists() && !json->is_string())
    expects("a string");
  return isString() ? std::optional<std::string>(json->get_ref<const std::string &>()) : std::nullopt;
}

std::optional<bool> JsonView::boolean() const {
  if (exists() && !json->is_boolean())
    expects("true or false");
  return exists() && json->is_boolean() ? std::optional<bool>(json->get<bool>()) : std::nullopt;
}

std::optional<double> JsonView::real() const {
  if (exists() && (!json->is_number() || !std::isfinite(json->get<double>())))
    expects("a number");
  else if (exists())
    return json->get<double>();
  return std::nullopt;
}

std::optional<uint32_t> JsonView::integer(uint32_t most) const {
  if (exists() && (!json->is_number_unsigned() || json->get<uint64_t>() > most))
    expects("an integer of at most " + Twine(most));
  else if (exists())
    return uint32_t(json->get<uint64_t>());
  return std::nullopt;
}

nlohmann::json tenon::readJsonFile(StringRef path, StringRef name, Diagnostics &diagnostics) {
  ErrorOr<std::unique_ptr<MemoryBuffer>> file = MemoryBuffer::getFile(path);
  if (!file) {
    diagnostics.report(name, "cannot be read: " + file.getError().message());
    return nullptr;
  }
  StringRef text = (*file)->getBuffer();
  nlohmann::json parsed = nlohmann::json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
  if (!parsed.is_discarded())
    return parsed;
  diagnostics.report(name, "is not well-formed JSON");
  return nullptr;
}
