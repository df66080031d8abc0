//===- family_fuzz.cpp - any text as a descriptor, against any configuration ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The input is a JSON array: a descriptor (an object, or the name of one that is built in), a file format, an architecture, a
// configuration and an object of tensors with their shapes. Text that is no such array is read as a descriptor. A descriptor or a model is
// taken, or refused with a reason.

#include "../frontends/families/JsonSource.h"
#include "tenon/frontends/families/Resolve.h"

#include <cstdlib>

using namespace tenon;
using Json = JsonSource::Json;

static void parse(llvm::StringRef text, std::optional<Family> &family) {
  Diagnostics diagnostics;
  family = parseFamily(text, diagnostics);
  if (family.has_value() != diagnostics.empty())
    std::abort(); // a refusal without a reason, or a family with one
}

/// The descriptors that are built in, parsed once.
static const Family *builtin(const std::string &name) {
  static const std::vector<Family> families = [] {
    std::vector<Family> result;
    for (llvm::StringRef json : builtinFamilies()) {
      std::optional<Family> family;
      parse(json, family);
      result.push_back(std::move(*family));
    }
    return result;
  }();
  for (const Family &family : families)
    if (family.name == name)
      return &family;
  return nullptr;
}

static void addTensors(const Json &tensors, JsonSource &source) {
  if (!tensors.is_object())
    return;
  for (const auto &[name, shape] : tensors.items()) {
    llvm::SmallVector<int64_t, 4> sizes;
    if (shape.is_array())
      for (const Json &size : shape)
        if (size.is_number_integer() && size.get<int64_t>() > 0 && size.get<int64_t>() < (1 << 24))
          sizes.push_back(size.get<int64_t>());
    // A file's tensors have one to four dimensions, whose product fits.
    if (!sizes.empty() && sizes.size() <= 2)
      source.addTensor(name, sizes);
  }
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  llvm::StringRef text(reinterpret_cast<const char *>(data), size);
  std::optional<Family> family;
  Json input;
  if (text.count('[') + text.count('{') < 200)
    input = Json::parse(text.begin(), text.end(), /*cb=*/nullptr, /*allow_exceptions=*/false);
  if (!input.is_array() || input.size() != 5 || !input[1].is_string() || !input[2].is_string()) {
    parse(text, family);
    return 0;
  }
  const Family *described = nullptr;
  if (input[0].is_string()) {
    described = builtin(input[0].get<std::string>());
  } else {
    parse(input[0].dump(-1, ' ', false, Json::error_handler_t::replace), family);
    described = family ? &*family : nullptr;
  }
  if (!described)
    return 0;
  JsonSource source(input[1].get<std::string>(), input[2].get<std::string>(), input[3]);
  addTensors(input[4], source);
  Diagnostics diagnostics;
  for (const FamilySource &spelling : described->sources)
    describes(*described, spelling, source);
  std::optional<ModelPlan> plan = resolveModel(*described, source, [](llvm::StringRef) { return true; }, diagnostics);
  if (plan.has_value() != diagnostics.empty())
    std::abort();
  return 0;
}
