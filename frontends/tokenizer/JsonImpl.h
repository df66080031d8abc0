//===- JsonImpl.h - values of JSON files by path ----------------*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_FRONTENDS_TOKENIZER_JSONIMPL_H
#define TENON_FRONTENDS_TOKENIZER_JSONIMPL_H

#include "tenon/frontends/Diagnostics.h"

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace tenon {

/// A value and where it stands. Reading it as something it is not is reported; null counts as absent.
class JsonView {
public:
  JsonView(const nlohmann::json *json, std::string path, Diagnostics *diagnostics)
      : json(json), where(std::move(path)), diagnostics(diagnostics) {}

  bool exists() const { return json && !json->is_null(); }
  bool isArray() const { return exists() && json->is_array(); }
  bool isObject() const { return exists() && json->is_object(); }
  bool isString() const { return exists() && json->is_string(); }
  size_t size() const { return isArray() || isObject() ? json->size() : 0; }
  const std::string &path() const { return where; }

  void report(const llvm::Twine &message) const { diagnostics->report(where, message); }
  void expects(const llvm::Twine &what) const;

  /// A member, or an element of an array; absent ones do not exist.
  JsonView operator[](llvm::StringRef key) const;
  JsonView operator[](size_t index) const;
  JsonView operator[](const char *key) const { return (*this)[llvm::StringRef(key)]; }
  /// Calls `visit` with every element, or every key and member. Another kind of value is reported unless it is absent.
  void forEach(llvm::function_ref<void(JsonView)> visit) const;
  void forEachMember(llvm::function_ref<void(llvm::StringRef, JsonView)> visit) const;

  std::optional<std::string> string() const;
  std::optional<bool> boolean() const;
  std::optional<double> real() const;
  /// An integer of at most `most`.
  std::optional<uint32_t> integer(uint32_t most) const;
  bool flag(const char *key, bool otherwise) const { return (*this)[key].boolean().value_or(otherwise); }
  std::string text(const char *key) const { return (*this)[key].string().value_or(""); }

private:
  const nlohmann::json *json;
  std::string where;
  Diagnostics *diagnostics;
};

/// Parses a file, or reports why it cannot be and gives null.
nlohmann::json readJsonFile(llvm::StringRef path, llvm::StringRef name, Diagnostics &diagnostics);

} // namespace tenon

#endif // TENON_FRONTENDS_TOKENIZER_JSONIMPL_H
