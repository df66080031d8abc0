//===- JsonSource.h - a model of a configuration and named shapes ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a descriptor is resolved against in tests: no files, only what they would say.

#pragma once

#include "tenon/frontends/ModelSource.h"
#include "llvm/ADT/STLExtras.h"

#include <nlohmann/json.hpp>

namespace tenon {

class JsonSource final : public ModelSource {
public:
  using Json = nlohmann::ordered_json;

  JsonSource(std::string format, std::string architecture, Json config)
      : formatName(std::move(format)), architectureName(std::move(architecture)), config(std::move(config)) {}

  void addTensor(llvm::StringRef name, llvm::ArrayRef<int64_t> shape, llvm::StringRef type = "f32") {
    table.push_back({name.str(), type.str(), llvm::SmallVector<int64_t, 4>(shape), "model", 0, 0});
  }

  llvm::StringRef format() const override { return formatName; }
  llvm::StringRef architecture() const override { return architectureName; }
  llvm::ArrayRef<SourceTensor> tensors() const override { return table; }
  const SourceTensor *findTensor(llvm::StringRef name) const override {
    const auto found = llvm::find_if(table, [&](const SourceTensor &tensor) { return tensor.name == name; });
    return found == table.end() ? nullptr : &*found;
  }
  std::optional<std::vector<float>> readSmall(const SourceTensor &tensor) const override {
    return std::vector<float>(tensor.shape.front(), 1.0f);
  }

  /// A member by its path: `rope_scaling.factor`, `layer_types[3]`.
  std::optional<ConfigValue> find(llvm::StringRef key) const override {
    const Json *value = &config;
    while (!key.empty()) {
      if (key.consume_front("[")) {
        size_t index;
        if (key.consumeInteger(10, index) || !key.consume_front("]") || !value->is_array() || index >= value->size())
          return std::nullopt;
        value = &(*value)[index];
        continue;
      }
      key.consume_front(".");
      if (!value->is_object())
        return std::nullopt;
      // GGUF's keys have dots in them.
      if (auto whole = value->find(key.str()); whole != value->end()) {
        value = &*whole;
        break;
      }
      llvm::StringRef name = key.take_until([](char c) { return c == '.' || c == '['; });
      key = key.drop_front(name.size());
      auto member = value->find(name.str());
      if (member == value->end())
        return std::nullopt;
      value = &*member;
    }
    return describe(*value);
  }

  void forEachKey(llvm::function_ref<void(llvm::StringRef)> visit) const override { visitKeys(config, "", visit); }

private:
  static std::optional<ConfigValue> describe(const Json &value) {
    if (value.is_null())
      return std::nullopt;
    ConfigValue result;
    result.description = value.dump(-1, ' ', false, Json::error_handler_t::replace);
    if (value.is_boolean())
      result.size = value.get<bool>();
    if (value.is_number_unsigned() || (value.is_number_integer() && value.get<int64_t>() >= 0))
      result.size = value.get<uint64_t>();
    if (value.is_number())
      result.real = value.get<double>();
    if (value.is_string())
      result.text = value.get<std::string>();
    if (value.is_array())
      result.count = value.size();
    return result;
  }

  static void visitKeys(const Json &value, const std::string &path, llvm::function_ref<void(llvm::StringRef)> visit) {
    if (!value.is_object())
      return;
    for (const auto &[name, member] : value.items()) {
      std::string inner = path.empty() ? name : path + "." + name;
      if (member.is_object())
        visitKeys(member, inner, visit);
      else
        visit(inner);
    }
  }

  std::string formatName, architectureName;
  Json config;
  std::vector<SourceTensor> table;
};

} // namespace tenon
