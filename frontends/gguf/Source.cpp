//===- Source.cpp - a GGUF file as a model's source ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/frontends/gguf/Source.h"

#include "llvm/Support/Endian.h"

#include <bit>

using namespace tenon;
using namespace tenon::gguf;
using llvm::StringRef;

Source::Source(const File &file, StringRef path) : file(file) {
  for (const Tensor &tensor : file.tensors()) {
    index[tensor.name] = table.size();
    table.push_back({tensor.name.str(), tensor.type->name.str(), tensor.shape, path.str(), tensor.offset, tensor.bytes});
  }
}

StringRef Source::architecture() const {
  const Value *value = file.find("general.architecture");
  return value ? value->asString().value_or("") : "";
}

/// The elements of an array of integers if they are all equal: some files give one number a layer.
static std::optional<uint64_t> commonElement(const Value &value) {
  if (value.size() == 0)
    return std::nullopt;
  std::optional<uint64_t> first = value.unsignedAt(0);
  for (uint64_t i = 1; first && i < value.size(); ++i)
    if (value.unsignedAt(i) != first)
      return std::nullopt;
  return first;
}

/// An element of an array, or a value that stands for all of them: `llama.attention.head_count[3]`.
std::optional<ConfigValue> Source::findElement(StringRef key) const {
  auto [name, rest] = key.rsplit('[');
  uint64_t index;
  if (!rest.consume_back("]") || rest.getAsInteger(10, index))
    return std::nullopt;
  const Value *value = file.find(name);
  if (!value || !value->isArray())
    return value ? find(name) : std::nullopt;
  if (index >= value->size())
    return std::nullopt;
  ConfigValue result;
  result.description = "element " + std::to_string(index) + " of an " + value->describe();
  result.size = value->unsignedAt(index);
  result.real = value->floatAt(index);
  return result;
}

std::optional<ConfigValue> Source::find(StringRef key) const {
  const Value *value = file.find(key);
  if (!value)
    return findElement(key);
  ConfigValue result;
  result.description = value->describe();
  if (value->isArray()) {
    result.size = commonElement(*value);
    result.count = value->size();
    return result;
  }
  result.size = value->asUnsigned();
  if (std::optional<bool> truth = value->asBool())
    result.size = *truth;
  result.real = value->asFloat();
  if (std::optional<StringRef> text = value->asString()) {
    result.text = text->str();
    result.description += " \"" + *result.text + "\"";
  } else if (result.real) {
    result.description += " " + (result.size ? std::to_string(*result.size) : std::to_string(*result.real));
  }
  return result;
}

void Source::forEachKey(llvm::function_ref<void(StringRef)> visit) const {
  for (const auto &[key, value] : file.values())
    visit(key);
}

const SourceTensor *Source::findTensor(StringRef name) const {
  auto found = index.find(name);
  return found == index.end() ? nullptr : &table[found->second];
}

std::optional<std::vector<float>> Source::readSmall(const SourceTensor &tensor) const {
  constexpr uint64_t most = 65536;
  const Tensor *stored = file.findTensor(tensor.name);
  if (!stored || stored->type->name != "f32" || stored->bytes / 4 > most)
    return std::nullopt;
  std::vector<float> values(stored->bytes / 4);
  const char *data = file.dataOf(*stored).data();
  for (auto [i, value] : llvm::enumerate(values))
    value = std::bit_cast<float>(llvm::support::endian::read32le(data + 4 * i));
  return values;
}
