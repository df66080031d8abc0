//===- CodingTest.cpp - coded tensors against what torch computes ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// tools/dev/make-coding-golden makes the cases.

#include "tenon/dialects/nn/stored/ParameterReader.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "gtest/gtest.h"
#include <fstream>
#include <nlohmann/json.hpp>

using namespace tenon;

namespace {

/// A case's tensor, whose arrays are one after the other in a file.
struct Coded {
  llvm::SmallString<128> path;
  StoredTensor tensor;

  explicit Coded(const nlohmann::json &one) {
    EXPECT_FALSE(llvm::sys::fs::createTemporaryFile("tenon-coded", "bin", path));
    std::ofstream file(path.c_str(), std::ios::binary);
    uint64_t offset = 0;
    tensor.rule = one["rule"];
    for (int64_t size : one["shape"])
      tensor.shape.push_back(size);
    for (const auto &[name, part] : one["parts"].items()) {
      std::string data = llvm::fromHex(part["data"].get<std::string>());
      StoredArray array = {path.str().str(), offset, part["format"], {}};
      for (int64_t size : part["shape"])
        array.shape.push_back(size);
      file << data;
      offset += data.size();
      tensor.parts.push_back({name, std::move(array)});
    }
  }
  ~Coded() { llvm::sys::fs::remove(path); }

  /// The tensor as a parameter of that format.
  StoredParameter parameter(llvm::StringRef format) const {
    int64_t rows = *elementCount(tensor.shape) / tensor.shape.back();
    return {format.str(), tensor.shape, {{tensor, 0, rows, 0}}};
  }
};

/// The cases, read once.
const nlohmann::json &golden() {
  static const nlohmann::json cases = [] {
    std::ifstream file(CODING_GOLDEN);
    return nlohmann::json::parse(file, nullptr, /*allow_exceptions=*/false)["cases"];
  }();
  return cases;
}

std::vector<float> readFloats(const StoredParameter &parameter, int64_t step) {
  SourceFiles files;
  llvm::Expected<ParameterReader> reader = ParameterReader::open(parameter, files);
  if (!reader) {
    ADD_FAILURE() << llvm::toString(reader.takeError());
    return {};
  }
  std::vector<uint8_t> bytes(reader->rows() * reader->rowBytes());
  for (int64_t row = 0; row < reader->rows(); row += step) {
    int64_t count = std::min(step, reader->rows() - row);
    llvm::MutableArrayRef<uint8_t> part(bytes.data() + row * reader->rowBytes(), count * reader->rowBytes());
    if (llvm::Error error = reader->read(row, count, part))
      ADD_FAILURE() << llvm::toString(std::move(error));
  }
  std::vector<float> values(reader->rows() * reader->columns());
  ElementFormat::find(parameter.format)->decode(bytes.data(), values.size(), values.data());
  return values;
}

TEST(Coding, ElementsAreWhatTorchComputes) {
  ASSERT_EQ(golden().size(), 12u);
  for (const nlohmann::json &one : golden()) {
    SCOPED_TRACE(one["name"].get<std::string>());
    Coded coded(one);
    ASSERT_EQ(checkCoding(coded.tensor), "");
    for (int64_t step : {1000, 3, 1}) {
      std::vector<float> values = readFloats(coded.parameter("f32"), step);
      for (const nlohmann::json &expected : one["expected"])
        EXPECT_EQ(values[expected[0].get<size_t>()], expected[1].get<float>()) << "element " << expected[0] << ", rows by " << step;
    }
  }
}

TEST(Coding, TinyFloatsKeepTheirValuesAsBlocks) {
  for (const nlohmann::json &one : golden())
    if (one["rule"] == "mxfp4") {
      Coded coded(one);
      EXPECT_EQ(readFloats(coded.parameter("mxfp4"), 3), readFloats(coded.parameter("f32"), 8));
    }
}

TEST(Coding, PartsOfAnotherShapeOrAbsentAreRefused) {
  for (const nlohmann::json &one : golden()) {
    SCOPED_TRACE(one["name"].get<std::string>());
    Coded coded(one);
    for (size_t part = 0; part < coded.tensor.parts.size(); ++part) {
      StoredTensor damaged = coded.tensor;
      damaged.parts[part].second.shape.push_back(3);
      EXPECT_NE(checkCoding(damaged), "") << damaged.parts[part].first;
      damaged = coded.tensor;
      damaged.parts[part].second.format = "f64";
      EXPECT_NE(checkCoding(damaged), "") << damaged.parts[part].first;
      damaged.parts[part].first = "surprise";
      EXPECT_NE(checkCoding(damaged), "");
    }
  }
}

TEST(Coding, AFileThatEndsEarlyIsAnError) {
  for (const nlohmann::json &one : golden()) {
    Coded coded(one);
    SourceFiles files;
    std::error_code error;
    llvm::raw_fd_ostream(coded.path, error).flush();
    llvm::Expected<ParameterReader> reader = ParameterReader::open(coded.parameter("f32"), files);
    ASSERT_TRUE(bool(reader));
    std::vector<uint8_t> bytes(reader->rows() * reader->rowBytes());
    llvm::Error failure = reader->read(0, reader->rows(), bytes);
    EXPECT_TRUE(bool(failure));
    llvm::consumeError(std::move(failure));
  }
}

} // namespace
