//===- Value.cpp - the values of GGUF's keys ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/frontends/gguf/Reader.h"
#include "llvm/Support/Endian.h"

#include <bit>
#include <limits>

using namespace tenon::gguf;
using namespace llvm::support;

llvm::StringRef tenon::gguf::nameOf(ValueType type) {
  static constexpr llvm::StringRef names[] = {"u8",   "i8",     "u16",   "i16", "u32", "i32", "f32",
                                              "bool", "string", "array", "u64", "i64", "f64"};
  return names[static_cast<uint32_t>(type)];
}

std::string Value::describe() const {
  if (!array)
    return nameOf(type).str();
  return "array of " + std::to_string(count) + " " + nameOf(type).str();
}

std::optional<int64_t> Value::signedAt(uint64_t index) const {
  const char *data = bytes.data();
  switch (type) {
  case ValueType::U8:
    return static_cast<uint8_t>(data[index]);
  case ValueType::I8:
    return static_cast<int8_t>(data[index]);
  case ValueType::U16:
    return endian::read16le(data + 2 * index);
  case ValueType::I16:
    return static_cast<int16_t>(endian::read16le(data + 2 * index));
  case ValueType::U32:
    return endian::read32le(data + 4 * index);
  case ValueType::I32:
    return static_cast<int32_t>(endian::read32le(data + 4 * index));
  case ValueType::U64: {
    uint64_t value = endian::read64le(data + 8 * index);
    if (value > static_cast<uint64_t>(std::numeric_limits<int64_t>::max()))
      return std::nullopt;
    return static_cast<int64_t>(value);
  }
  case ValueType::I64:
    return static_cast<int64_t>(endian::read64le(data + 8 * index));
  default:
    return std::nullopt;
  }
}

std::optional<uint64_t> Value::unsignedAt(uint64_t index) const {
  if (type == ValueType::U64)
    return endian::read64le(bytes.data() + 8 * index);
  std::optional<int64_t> value = signedAt(index);
  if (!value || *value < 0)
    return std::nullopt;
  return static_cast<uint64_t>(*value);
}

std::optional<double> Value::floatAt(uint64_t index) const {
  if (type == ValueType::F32)
    return std::bit_cast<float>(endian::read32le(bytes.data() + 4 * index));
  if (type == ValueType::F64)
    return std::bit_cast<double>(endian::read64le(bytes.data() + 8 * index));
  if (std::optional<int64_t> value = signedAt(index))
    return static_cast<double>(*value);
  return std::nullopt;
}

std::optional<bool> Value::asBool() const {
  if (array || type != ValueType::Bool)
    return std::nullopt;
  return bytes.front() != 0;
}

std::optional<llvm::StringRef> Value::asString() const {
  if (array || type != ValueType::String)
    return std::nullopt;
  return bytes;
}

bool Value::forEachString(llvm::function_ref<void(llvm::StringRef)> visit) const {
  if (!array || type != ValueType::String)
    return false;
  llvm::StringRef rest = bytes;
  for (uint64_t i = 0; i < count; ++i) { // the reader has checked each length
    uint64_t length = endian::read64le(rest.data());
    visit(rest.substr(8, length));
    rest = rest.drop_front(8 + length);
  }
  return true;
}
