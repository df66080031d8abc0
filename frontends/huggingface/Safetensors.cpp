//===- Safetensors.cpp - the tensors of a .safetensors file ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/frontends/huggingface/Safetensors.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/Path.h"
#include <nlohmann/json.hpp>

using namespace tenon;
using llvm::StringRef;
using llvm::Twine;
using Json = nlohmann::json;

/// As the format's own library bounds a header.
static constexpr uint64_t mostHeaderBytes = 100'000'000;

namespace {
/// A type of elements: our name and its size.
struct ElementType {
  StringRef name;
  uint64_t bytes;
};

/// Reads the header of one file.
class HeaderReader {
public:
  HeaderReader(uint64_t dataBegin, uint64_t dataBytes, StringRef path, Diagnostics &diagnostics)
      : dataBegin(dataBegin), dataBytes(dataBytes), path(path), diagnostics(diagnostics) {}

  void readTensor(const std::string &name, const Json &value);
  void checkOverlaps();

  std::vector<SourceTensor> tensors;

private:
  std::optional<llvm::SmallVector<int64_t, 4>> readShape(const std::string &name, const Json &value);

  uint64_t dataBegin, dataBytes;
  StringRef path;
  Diagnostics &diagnostics;
};
} // namespace

static std::optional<ElementType> findElementType(StringRef dtype) {
  return llvm::StringSwitch<std::optional<ElementType>>(dtype)
      .Case("F64", ElementType{"f64", 8})
      .Case("F32", ElementType{"f32", 4})
      .Case("F16", ElementType{"f16", 2})
      .Case("BF16", ElementType{"bf16", 2})
      .Case("F8_E4M3", ElementType{"f8_e4m3", 1})
      .Case("F8_E5M2", ElementType{"f8_e5m2", 1})
      .Case("F8_E8M0", ElementType{"f8_e8m0", 1})
      .Case("I64", ElementType{"i64", 8})
      .Case("I32", ElementType{"i32", 4})
      .Case("I16", ElementType{"i16", 2})
      .Case("I8", ElementType{"i8", 1})
      .Case("U8", ElementType{"u8", 1})
      .Case("BOOL", ElementType{"bool", 1})
      .Default(std::nullopt);
}

std::optional<llvm::SmallVector<int64_t, 4>> HeaderReader::readShape(const std::string &name, const Json &value) {
  constexpr uint64_t largest = uint64_t{1} << 40;
  llvm::SmallVector<int64_t, 4> shape;
  bool good = value.is_array() && value.size() <= 8;
  for (const Json &size : good ? value : Json::array()) {
    good = good && size.is_number_unsigned() && size.get<uint64_t>() <= largest;
    shape.push_back(good ? size.get<int64_t>() : 0);
  }
  if (good)
    return shape;
  diagnostics.report(name, "expects a shape of at most 8 sizes up to 2^40, but got " + StringRef(value.dump()).take_front(80).str());
  return std::nullopt;
}

void HeaderReader::readTensor(const std::string &name, const Json &value) {
  if (!value.is_object() || !value.contains("dtype") || !value["dtype"].is_string() || !value.contains("shape") ||
      !value.contains("data_offsets"))
    return diagnostics.report(name, "expects dtype, shape and data_offsets in the header of " + llvm::sys::path::filename(path));
  std::string dtype = value["dtype"];
  std::optional<ElementType> type = findElementType(dtype);
  if (!type)
    return diagnostics.report(name, "has the type " + dtype + ", which is not known");
  std::optional<llvm::SmallVector<int64_t, 4>> shape = readShape(name, value["shape"]);
  if (!shape)
    return;
  const Json &offsets = value["data_offsets"];
  if (!offsets.is_array() || offsets.size() != 2 || !offsets[0].is_number_unsigned() || !offsets[1].is_number_unsigned())
    return diagnostics.report(name, "expects data_offsets of two whole numbers, but got " + StringRef(offsets.dump()).take_front(80).str());
  auto begin = offsets[0].get<uint64_t>(), end = offsets[1].get<uint64_t>();
  if (begin > end || end > dataBytes)
    return diagnostics.report(name, "expects data inside the " + Twine(dataBytes) + " bytes of " + llvm::sys::path::filename(path) +
                                        ", but got the bytes " + Twine(begin) + " to " + Twine(end));
  uint64_t bytes = type->bytes;
  bool overflows = false;
  for (int64_t size : *shape)
    overflows |= __builtin_mul_overflow(bytes, static_cast<uint64_t>(size), &bytes);
  if (overflows || bytes != end - begin)
    return diagnostics.report(name, "expects as many bytes as its shape and type " + dtype + " say" +
                                        (overflows ? Twine("") : ", " + Twine(bytes)) + ", but got " + Twine(end - begin));
  tensors.push_back({name, type->name.str(), *shape, path.str(), dataBegin + begin, bytes});
}

void HeaderReader::checkOverlaps() {
  std::vector<const SourceTensor *> order;
  for (const SourceTensor &tensor : tensors)
    if (tensor.bytes > 0)
      order.push_back(&tensor);
  llvm::sort(order, [](const SourceTensor *a, const SourceTensor *b) {
    return std::pair(a->offset, StringRef(a->name)) < std::pair(b->offset, StringRef(b->name));
  });
  for (size_t i = 1; i < order.size(); ++i)
    if (order[i]->offset < order[i - 1]->offset + order[i - 1]->bytes)
      diagnostics.report(order[i]->name, "overlaps the data of " + order[i - 1]->name + " in " + llvm::sys::path::filename(path));
}

uint64_t huggingface::safetensorsHeaderBytes(StringRef start, uint64_t size) {
  if (start.size() < 8 || size < 8)
    return 0;
  uint64_t header = llvm::support::endian::read64le(start.data());
  return header <= std::min(mostHeaderBytes, size - 8) ? header + 8 : 0;
}

std::vector<SourceTensor> huggingface::readSafetensors(StringRef file, uint64_t size, StringRef path, Diagnostics &diagnostics) {
  StringRef name = llvm::sys::path::filename(path);
  uint64_t begin = safetensorsHeaderBytes(file, size);
  if (begin == 0 || begin > file.size()) {
    diagnostics.report(name, "expects a safetensors file: a header of at most " + Twine(mostHeaderBytes) +
                                 " bytes whose length its first eight bytes give, but got a file of " + Twine(size) + " bytes" +
                                 (file.size() >= 8 ? ", header " + Twine(llvm::support::endian::read64le(file.data())) : Twine("")));
    return {};
  }
  // The parser keeps the last of two members of one name; which one is meant nobody knows.
  llvm::StringSet<> names;
  bool tooDeep = false;
  auto watch = [&](int depth, Json::parse_event_t event, Json &parsed) {
    tooDeep |= depth > 8;
    if (event == Json::parse_event_t::key && depth == 1 && !names.insert(parsed.get<std::string>()).second)
      diagnostics.report(parsed.get<std::string>(), "is twice in the header of " + name);
    return !tooDeep;
  };
  StringRef text = file.slice(8, begin);
  Json header = Json::parse(text.begin(), text.end(), watch, /*allow_exceptions=*/false);
  if (header.is_discarded() || !header.is_object() || tooDeep) {
    diagnostics.report(name, "expects a header that is a JSON object");
    return {};
  }
  HeaderReader reader(begin, size - begin, path, diagnostics);
  for (const auto &[tensor, value] : header.items())
    if (tensor != "__metadata__")
      reader.readTensor(tensor, value);
  reader.checkOverlaps();
  return std::move(reader.tensors);
}
