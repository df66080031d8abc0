//===- ReaderImpl.h - the members of a descriptor as values ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "tenon/frontends/families/Family.h"
#include "tenon/frontends/families/MergeImpl.h"

namespace tenon {

/// A value of the text and its place, `sources.gguf.sizes`.
struct JsonNode {
  const Json *value;
  std::string path;

  /// The place in words.
  std::string where() const { return path.empty() ? "the descriptor" : path; }
};

/// Asks for values of one type at one place and reports the place if it gets another.
class JsonReader {
public:
  explicit JsonReader(Diagnostics &diagnostics) : diagnostics(diagnostics) {}

  void expects(const JsonNode &node, const llvm::Twine &what);
  /// Calls `visit` with each member of an object, in the order of the text.
  void forEachMember(const JsonNode &node, llvm::function_ref<void(llvm::StringRef, const JsonNode &)> visit);
  void forEachElement(const JsonNode &node, llvm::function_ref<void(const JsonNode &)> visit);
  /// As forEachMember, but reports members that are not in `known` and required ones (with a leading '!')
  /// that are missing.
  void readMembers(const JsonNode &node, llvm::ArrayRef<llvm::StringRef> known,
                   llvm::function_ref<void(llvm::StringRef, const JsonNode &)> visit);
  std::string readString(const JsonNode &node);
  /// A string, or the text of a number or of true and false.
  std::string readScalar(const JsonNode &node);
  double readNumber(const JsonNode &node);
  bool readBool(const JsonNode &node);
  /// An array of scalars, or one.
  std::vector<std::string> readScalars(const JsonNode &node);
  /// The names of an object's members or the elements of an array: a list that an extending descriptor adds to is an object.
  std::vector<std::string> readNames(const JsonNode &node);

  Diagnostics &diagnostics;
};

/// Reads rules and conditions.
class RuleReader : public JsonReader {
public:
  using JsonReader::JsonReader;

  Condition readCondition(const JsonNode &node);
  std::vector<Rule> readRules(const JsonNode &node);

private:
  Rule readRule(const JsonNode &node);
};

} // namespace tenon
