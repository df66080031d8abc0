//===- Coding.cpp - the table of coding rules ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/nn/stored/Coding.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace tenon;
using namespace llvm;

static const CodingRule *const table[] = {
    &coding::awq, &coding::gptq, &coding::gptqV2, &coding::mxfp4, &coding::packed, &coding::scaled,
};

ArrayRef<const CodingRule *> tenon::allCodingRules() {
  return table;
}

const CodingRule *tenon::findCodingRule(StringRef name) {
  for (const CodingRule *rule : table)
    if (rule->name == name)
      return rule;
  return nullptr;
}

std::string tenon::checkCoding(const StoredTensor &tensor) {
  const CodingRule *rule = findCodingRule(tensor.rule);
  if (!rule)
    return "the rule " + join(map_range(allCodingRules(), [](const CodingRule *known) { return known->name.str(); }), ", ") + ", but got " +
           tensor.rule;
  for (StringRef name : rule->required)
    if (!tensor.part(name))
      return "the part " + name.str();
  for (const auto &[name, array] : tensor.parts) {
    if (!is_contained(rule->required, name) && !is_contained(rule->optional, name))
      return "no part " + name;
    if (!storedBytes(array))
      return name + " to be an array that can be stored, but got " + array.format + " " + coding::shapeText(array.shape);
  }
  return rule->check(tensor);
}

std::string coding::shapeText(ArrayRef<int64_t> shape) {
  return "[" + join(map_range(shape, [](int64_t size) { return std::to_string(size); }), ", ") + "]";
}

std::string coding::expectArray(StringRef name, const StoredArray &array, StringRef format, ArrayRef<int64_t> shape) {
  if (array.format == format && ArrayRef<int64_t>(array.shape) == shape)
    return "";
  return (name + " of " + format + " " + shapeText(shape) + ", but got " + array.format + " " + shapeText(array.shape)).str();
}

std::string coding::expectFloat(StringRef name, const StoredArray &array) {
  if (array.format == "f32" || array.format == "f16" || array.format == "bf16")
    return "";
  return (name + " of f32, f16 or bf16, but got " + array.format).str();
}

Error coding::readFloats(const StoredArray &array, const SourceFiles &files, int64_t first, int64_t count, std::vector<float> &values) {
  ElementFormat format = *ElementFormat::find(array.format);
  std::vector<uint8_t> bytes(size_t(count * format.blockBytes()));
  values.resize(size_t(count));
  if (Error error = files.readElements(array, first, bytes))
    return error;
  format.decode(bytes.data(), count, values.data());
  return Error::success();
}
