//===- TinyModel.h - a GGUF model in memory, to be damaged by tests ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A sound one-layer llama whose every part a test can replace before it is written: counts, types, lengths,
// shapes and offsets need not agree with what is there.

#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

namespace tenon::gguf {

template <typename T> std::string raw(T value) {
  std::string bytes(sizeof(T), '\0');
  std::memcpy(bytes.data(), &value, sizeof(T));
  return bytes;
}
/// A string with its length before it.
inline std::string text(const std::string &value) {
  return raw<uint64_t>(value.size()) + value;
}

/// Values of keys: the type's number and the bytes.
inline std::string u32Value(uint32_t value) {
  return raw<uint32_t>(4) + raw(value);
}
inline std::string f32Value(float value) {
  return raw<uint32_t>(6) + raw(value);
}
inline std::string textValue(const std::string &value) {
  return raw<uint32_t>(8) + text(value);
}
/// An array that declares `count` elements of type `type`, whatever its bytes are.
inline std::string arrayValue(uint32_t type, uint64_t count, const std::string &bytes) {
  return raw<uint32_t>(9) + raw(type) + raw(count) + bytes;
}
inline std::string textsValue(const std::vector<std::string> &values) {
  std::string bytes;
  for (const std::string &value : values)
    bytes += text(value);
  return arrayValue(8, values.size(), bytes);
}

struct TinyTensor {
  std::string name;
  /// As GGUF stores it: fastest dimension first.
  std::vector<uint64_t> shape;
  uint32_t type = 0;
  /// The bytes of data to write; by default what a float tensor of the shape needs.
  std::optional<uint64_t> bytes = std::nullopt;
  /// The declared offset; by default the next multiple of 32.
  std::optional<uint64_t> offset = std::nullopt;
  /// The declared rank; by default the shape's.
  std::optional<uint32_t> rank = std::nullopt;
};

struct TinyModel {
  std::string magic = "GGUF";
  uint32_t version = 3;
  std::optional<uint64_t> tensorCount, keyCount;
  std::vector<std::pair<std::string, std::string>> keys;
  std::vector<TinyTensor> tensors;
  /// Bytes cut off the end of the file.
  uint64_t cut = 0;

  TinyModel();

  std::string &key(const std::string &name);
  void dropKey(const std::string &name);
  TinyTensor &tensor(const std::string &name);
  void dropTensor(const std::string &name);
  std::string write() const;
};

inline TinyModel::TinyModel() {
  keys = {{"general.architecture", textValue("llama")},
          {"general.name", textValue("Tiny")},
          {"llama.block_count", u32Value(1)},
          {"llama.context_length", u32Value(64)},
          {"llama.embedding_length", u32Value(32)},
          {"llama.feed_forward_length", u32Value(64)},
          {"llama.attention.head_count", u32Value(4)},
          {"llama.attention.head_count_kv", u32Value(2)},
          {"llama.attention.layer_norm_rms_epsilon", f32Value(1e-5f)},
          {"llama.rope.dimension_count", u32Value(8)},
          {"tokenizer.ggml.model", textValue("gpt2")},
          {"tokenizer.ggml.pre", textValue("gpt-2")},
          {"tokenizer.ggml.tokens", textsValue({"a", "b", "ab", "<|im_end|>"})},
          {"tokenizer.ggml.token_type", arrayValue(5, 4, raw<int32_t>(1) + raw<int32_t>(1) + raw<int32_t>(1) + raw<int32_t>(3))},
          {"tokenizer.ggml.merges", textsValue({"a b"})},
          {"tokenizer.ggml.eos_token_id", u32Value(3)}};
  tensors = {{"token_embd.weight", {32, 4}},         {"output_norm.weight", {32}},       {"blk.0.attn_norm.weight", {32}},
             {"blk.0.attn_q.weight", {32, 32}},      {"blk.0.attn_k.weight", {32, 16}},  {"blk.0.attn_v.weight", {32, 16}},
             {"blk.0.attn_output.weight", {32, 32}}, {"blk.0.ffn_norm.weight", {32}},    {"blk.0.ffn_gate.weight", {32, 64}},
             {"blk.0.ffn_up.weight", {32, 64}},      {"blk.0.ffn_down.weight", {64, 32}}};
}

inline std::string &TinyModel::key(const std::string &name) {
  for (auto &[key, value] : keys)
    if (key == name)
      return value;
  keys.emplace_back(name, "");
  return keys.back().second;
}

inline void TinyModel::dropKey(const std::string &name) {
  std::erase_if(keys, [&](auto &entry) { return entry.first == name; });
}

inline TinyTensor &TinyModel::tensor(const std::string &name) {
  for (TinyTensor &tensor : tensors)
    if (tensor.name == name)
      return tensor;
  tensors.push_back({name, {32}});
  return tensors.back();
}

inline void TinyModel::dropTensor(const std::string &name) {
  std::erase_if(tensors, [&](TinyTensor &tensor) { return tensor.name == name; });
}

inline std::string TinyModel::write() const {
  std::string head = magic + raw(version) + raw(tensorCount.value_or(tensors.size())) + raw(keyCount.value_or(keys.size()));
  for (const auto &[name, value] : keys)
    head += text(name) + value;
  std::string data;
  for (const TinyTensor &tensor : tensors) {
    data.resize((data.size() + 31) / 32 * 32);
    uint64_t elements = 1;
    head += text(tensor.name) + raw(tensor.rank.value_or(uint32_t(tensor.shape.size())));
    for (uint64_t size : tensor.shape) {
      head += raw(size);
      elements *= size;
    }
    head += raw(tensor.type) + raw(tensor.offset.value_or(data.size()));
    data.resize(data.size() + tensor.bytes.value_or(elements * 4));
  }
  head.resize((head.size() + 31) / 32 * 32);
  std::string file = head + data;
  file.resize(file.size() - std::min<uint64_t>(cut, file.size()));
  return file;
}

} // namespace tenon::gguf
