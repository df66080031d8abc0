//===- Codings.cpp - quantised tensors of a folder as what they stand for ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/frontends/huggingface/Codings.h"

#include "tenon/dialects/nn/stored/Coding.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/StringSwitch.h"

using namespace tenon;
using namespace tenon::huggingface;
using llvm::StringRef;
using llvm::Twine;

namespace {
using Shape = llvm::SmallVector<int64_t, 4>;

class Decoding {
public:
  Decoding(std::vector<SourceTensor> &tensors, const Config &config, Diagnostics &diagnostics)
      : tensors(tensors), config(config), diagnostics(diagnostics) {
    for (auto [at, tensor] : llvm::enumerate(tensors))
      index[tensor.name] = at;
    method = textOf("quantization_config.quant_method");
  }
  void run();

private:
  std::string textOf(StringRef key) const {
    std::optional<ConfigValue> value = config.find(key);
    return value && value->text ? *value->text : "";
  }
  std::optional<uint64_t> sizeOf(StringRef key) const {
    std::optional<ConfigValue> value = config.find(key);
    return value ? value->size : std::nullopt;
  }
  const SourceTensor *find(const Twine &name) const {
    auto found = index.find(name.str());
    return found == index.end() ? nullptr : &tensors[found->second];
  }
  void decode(const SourceTensor &tensor);
  void decodeWords(StringRef base, const SourceTensor &words);
  void decodePacked(StringRef base, const SourceTensor &words);
  void decodeScaled(StringRef base, const SourceTensor &values);
  void decodeBlocks(StringRef base, const SourceTensor &blocks);
  std::string formatFor(const SourceTensor &scales) const;
  void add(const Twine &name, StringRef format, Shape shape, StringRef rule,
           llvm::ArrayRef<std::pair<StringRef, const SourceTensor *>> parts);

  std::vector<SourceTensor> &tensors;
  const Config &config;
  Diagnostics &diagnostics;
  llvm::StringMap<size_t> index;
  std::string method;
  std::vector<SourceTensor> decoded;
  llvm::StringSet<> consumed;
};
} // namespace

std::string Decoding::formatFor(const SourceTensor &scales) const {
  if (scales.format == "f16" || scales.format == "bf16")
    return scales.format;
  std::string dtype = textOf("dtype");
  return llvm::StringSwitch<std::string>(dtype.empty() ? textOf("torch_dtype") : dtype)
      .Case("float16", "f16")
      .Case("float32", "f32")
      .Default("bf16");
}

/// Adds the tensor that a rule makes of those parts that are there, or reports why it cannot.
void Decoding::add(const Twine &name, StringRef format, Shape shape, StringRef rule,
                   llvm::ArrayRef<std::pair<StringRef, const SourceTensor *>> parts) {
  SourceTensor tensor;
  tensor.name = name.str();
  tensor.format = format.str();
  tensor.shape = std::move(shape);
  auto coding = std::make_shared<StoredCoding>();
  coding->rule = rule.str();
  for (const auto &[part, stored] : parts)
    if (stored) {
      coding->parts.push_back({part.str(), *stored});
      consumed.insert(stored->name);
      tensor.bytes += stored->bytes;
    }
  tensor.path = parts.front().second->path;
  tensor.coding = std::move(coding);
  if (!elementCount(tensor.shape))
    return diagnostics.report(tensor.name, "is larger than any model");
  if (std::string problem = checkCoding(storedForm(tensor)); !problem.empty())
    return diagnostics.report(tensor.name, "expects " + problem + " (" + rule + ")");
  decoded.push_back(std::move(tensor));
}

/// GPTQ and AWQ.
void Decoding::decodeWords(StringRef base, const SourceTensor &words) {
  const SourceTensor *zeros = find(base + ".qzeros"), *scales = find(base + ".scales");
  bool isAwq = method == "awq";
  std::string version = textOf(isAwq ? "quantization_config.version" : "quantization_config.checkpoint_format");
  if (!isAwq && method != "gptq")
    return diagnostics.report(words.name, "expects quantization_config.quant_method awq or gptq, but got '" + method + "'");
  if (isAwq ? !version.empty() && version != "gemm" : !version.empty() && version != "gptq" && version != "gptq_v2")
    return diagnostics.report(words.name, "is packed as '" + version + "', which is not known");
  if (!scales || scales->shape.size() != 2 || words.shape.size() != 2)
    return diagnostics.report(words.name, "expects " + base + ".scales and words of rank 2");
  uint64_t bits = sizeOf("quantization_config.bits").value_or(4);
  if (bits != 2 && bits != 4 && bits != 8)
    return diagnostics.report("quantization_config.bits", "expects 2, 4 or 8, but got " + Twine(bits));
  int64_t inputs = isAwq ? words.shape[0] : words.shape[0] * (32 / static_cast<int64_t>(bits));
  add(base + ".weight", formatFor(*scales), {scales->shape[1], inputs},
      isAwq                  ? "awq"
      : version == "gptq_v2" ? "gptq_v2"
                             : "gptq",
      {{"values", &words}, {"zeros", zeros}, {"scales", scales}, {"groups", isAwq ? nullptr : find(base + ".g_idx")}});
}

/// The packed integers of compressed-tensors. Their bits are in the scheme of one of its groups.
void Decoding::decodePacked(StringRef base, const SourceTensor &words) {
  const SourceTensor *scales = find(base + ".weight_scale");
  if (!scales || words.shape.size() != 2 || scales->shape.size() != 2)
    return diagnostics.report(words.name, "expects " + base + ".weight_scale and words of rank 2");
  uint64_t bits = sizeOf("quantization_config.config_groups.group_0.weights.num_bits").value_or(4);
  if (bits != 4 && bits != 8)
    return diagnostics.report(words.name, "expects 4 or 8 bits, but got " + Twine(bits));
  add(base + ".weight", formatFor(*scales), {words.shape[0], words.shape[1] * (32 / static_cast<int64_t>(bits))}, "packed",
      {{"values", &words}, {"scales", scales}, {"zeros", find(base + ".weight_zero_point")}, {"groups", find(base + ".weight_g_idx")}});
}

/// Integers and floats of 8 bits.
void Decoding::decodeScaled(StringRef base, const SourceTensor &values) {
  const SourceTensor *scales = find(base + ".weight_scale");
  if (!scales)
    scales = find(base + ".weight_scale_inv");
  if (scales)
    add(values.name, formatFor(*scales), values.shape, "scaled",
        {{"values", &values}, {"scales", scales}, {"zeros", find(base + ".weight_zero_point")}});
}

void Decoding::decodeBlocks(StringRef base, const SourceTensor &blocks) {
  const SourceTensor *scales = find(base + "_scales");
  if (!scales || blocks.shape.size() < 3)
    return;
  Shape shape(llvm::ArrayRef<int64_t>(blocks.shape).drop_back());
  shape.back() *= 32;
  add(blocks.name, "mxfp4", shape, "mxfp4", {{"values", &blocks}, {"scales", scales}});
}

void Decoding::decode(const SourceTensor &tensor) {
  StringRef base = tensor.name;
  if (base.consume_back(".qweight"))
    decodeWords(base, tensor);
  else if (base.consume_back(".weight_packed"))
    decodePacked(base, tensor);
  else if ((tensor.format == "i8" || tensor.format == "f8_e4m3" || tensor.format == "f8_e5m2") && base.consume_back(".weight"))
    decodeScaled(base, tensor);
  else if (tensor.format == "u8" && base.consume_back("_blocks"))
    decodeBlocks(base, tensor);
}

void Decoding::run() {
  static constexpr llvm::StringLiteral known[] = {"awq", "gptq", "compressed-tensors", "fp8", "mxfp4"};
  if (!method.empty() && !llvm::is_contained(known, method))
    return diagnostics.report("quantization_config.quant_method",
                              "expects awq, gptq, compressed-tensors, fp8 or mxfp4, but got '" + method + "'");
  for (const SourceTensor &tensor : tensors)
    decode(tensor);
  if (consumed.empty())
    return;
  // What says how activations are rounded has no part in the weights.
  llvm::erase_if(tensors, [&](const SourceTensor &tensor) {
    StringRef name = tensor.name;
    return consumed.contains(name) || name.ends_with(".weight_shape") || name.ends_with(".input_scale");
  });
  llvm::append_range(tensors, decoded);
}

void huggingface::decodeOnImport(std::vector<SourceTensor> &tensors, const Config &config, Diagnostics &diagnostics) {
  Decoding(tensors, config, diagnostics).run();
}
