//===- Config.h - a config.json as configuration keys ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "tenon/frontends/Diagnostics.h"
#include "tenon/frontends/ModelSource.h"
#include <nlohmann/json.hpp>

namespace tenon::huggingface {

/// The keys of a config.json. Members of objects are named with dots, `rope_scaling.factor`, elements of arrays with brackets,
/// `layer_types[3]`. The members of `text_config` stand beside the others, before those of the same name: a model of several kinds of
/// input keeps there what its decoder has. A null is as if it were not there.
class Config {
public:
  /// Nothing if the text is no JSON object, which is reported.
  static std::optional<Config> parse(llvm::StringRef text, llvm::StringRef path, Diagnostics &diagnostics);

  std::optional<ConfigValue> find(llvm::StringRef key) const;
  void forEachKey(llvm::function_ref<void(llvm::StringRef)> visit) const;

  /// The value itself; null if there is none.
  const nlohmann::json *value(llvm::StringRef key) const;

private:
  /// The object, without text_config, whose members are part of it.
  nlohmann::json root;
};

/// What a value can be read as.
ConfigValue describe(const nlohmann::json &value);

} // namespace tenon::huggingface
