//===- CodingsTest.cpp - which tensors stand for a quantised weight ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/frontends/huggingface/Codings.h"
#include "Files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace tenon;
using namespace tenon::huggingface;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

namespace {

using Shape = llvm::SmallVector<int64_t, 4>;

class CodingsTest : public testing::Test {
protected:
  void add(const char *name, const char *format, Shape shape) {
    SourceTensor tensor;
    tensor.name = name;
    tensor.format = format;
    tensor.shape = shape;
    tensor.path = "model.safetensors";
    tensor.bytes = 1;
    tensors.push_back(tensor);
  }

  /// Decodes under that quantization_config.
  void run(const std::string &quantization, const std::string &rest = "") {
    Diagnostics diagnostics;
    std::optional<Config> config = Config::parse("{\"quantization_config\": " + quantization + rest + "}", "config.json", diagnostics);
    ASSERT_TRUE(config);
    decodeOnImport(tensors, *config, diagnostics);
    problems = printed(diagnostics);
  }

  std::vector<std::string> names() const {
    std::vector<std::string> result;
    for (const SourceTensor &tensor : tensors)
      result.push_back(tensor.name);
    return result;
  }

  /// "gptq f16 [64, 32]: values x.qweight, ..."
  std::string coded(const std::string &name) const {
    for (const SourceTensor &tensor : tensors) {
      if (tensor.name != name || !tensor.coding)
        continue;
      std::string text = tensor.coding->rule + " " + tensor.format + " [";
      for (size_t i = 0; i < tensor.shape.size(); ++i)
        text += (i ? ", " : "") + std::to_string(tensor.shape[i]);
      text += "]:";
      for (const auto &[part, stored] : tensor.coding->parts)
        text += " " + part + "=" + stored.name;
      return text;
    }
    return "none";
  }

  void addGptq(int64_t words = 8) {
    add("x.qweight", "i32", {words, 32});
    add("x.qzeros", "i32", {2, 4});
    add("x.scales", "f16", {2, 32});
    add("x.g_idx", "i32", {64});
    add("norm", "f32", {32});
  }

  std::vector<SourceTensor> tensors;
  std::string problems;
};

TEST_F(CodingsTest, Gptq) {
  addGptq();
  run(R"({"quant_method": "gptq", "bits": 4})");
  EXPECT_EQ(problems, "");
  EXPECT_THAT(names(), ElementsAre("norm", "x.weight"));
  EXPECT_EQ(coded("x.weight"), "gptq f16 [32, 64]: values=x.qweight zeros=x.qzeros scales=x.scales groups=x.g_idx");
}

TEST_F(CodingsTest, GptqOfTheSecondFormat) {
  addGptq();
  run(R"({"quant_method": "gptq", "bits": 4, "checkpoint_format": "gptq_v2"})");
  EXPECT_THAT(coded("x.weight"), HasSubstr("gptq_v2 f16"));
}

TEST_F(CodingsTest, GptqProblems) {
  const std::pair<const char *, const char *> cases[] = {
      {R"({"quant_method": "gptq", "bits": 3})", "quantization_config.bits: expects 2, 4 or 8, but got 3"},
      {R"({"quant_method": "gptq", "bits": 8})", "x.weight: expects "},
      {R"({"quant_method": "gptq", "checkpoint_format": "marlin"})", "x.qweight: is packed as 'marlin', which is not known"},
      {R"({"quant_method": "fp8"})", "x.qweight: expects quantization_config.quant_method awq or gptq, but got 'fp8'"},
      {R"({"quant_method": "bitsandbytes"})",
       "quantization_config.quant_method: expects awq, gptq, compressed-tensors, fp8 or mxfp4, but got 'bitsandbytes'"},
      {"null", "x.qweight: expects quantization_config.quant_method awq or gptq, but got ''"},
  };
  for (auto [quantization, message] : cases) {
    tensors.clear();
    addGptq();
    run(quantization);
    EXPECT_THAT(problems, HasSubstr(message));
  }
}

TEST_F(CodingsTest, GptqWithoutItsParts) {
  add("x.qweight", "i32", {8, 32});
  run(R"({"quant_method": "gptq", "bits": 4})");
  EXPECT_THAT(problems, HasSubstr("x.qweight: expects x.scales and words of rank 2"));
  add("x.scales", "f16", {2, 32});
  run(R"({"quant_method": "gptq", "bits": 4})");
  EXPECT_THAT(problems, HasSubstr("x.weight: expects the part zeros (gptq)"));
}

TEST_F(CodingsTest, GptqOfOtherShapes) {
  for (auto [words, outputs] : {std::pair<int64_t, int64_t>{0, 32}, {8, 31}, {int64_t{1} << 41, 32}}) {
    tensors.clear();
    add("x.qweight", "i32", {words, outputs});
    add("x.qzeros", "i32", {2, 4});
    add("x.scales", "f16", {2, 32});
    run(R"({"quant_method": "gptq", "bits": 4})");
    EXPECT_THAT(problems, HasSubstr("x.weight: ")) << words << " " << outputs;
    EXPECT_EQ(coded("x.weight"), "none");
  }
}

TEST_F(CodingsTest, Awq) {
  add("x.qweight", "i32", {64, 4});
  add("x.qzeros", "i32", {2, 4});
  add("x.scales", "f16", {2, 32});
  run(R"({"quant_method": "awq", "bits": 4, "version": "gemm"})");
  EXPECT_EQ(problems, "");
  EXPECT_EQ(coded("x.weight"), "awq f16 [32, 64]: values=x.qweight zeros=x.qzeros scales=x.scales");
}

TEST_F(CodingsTest, AwqOfAnotherOrder) {
  add("x.qweight", "i32", {64, 4});
  run(R"({"quant_method": "awq", "bits": 4, "version": "gemv"})");
  EXPECT_THAT(problems, HasSubstr("x.qweight: is packed as 'gemv'"));
}

TEST_F(CodingsTest, PackedIntegers) {
  add("x.weight_packed", "i32", {32, 8});
  add("x.weight_scale", "bf16", {32, 2});
  add("x.weight_shape", "i64", {2});
  run(R"({"quant_method": "compressed-tensors", "config_groups": {"group_0": {"weights": {"num_bits": 4}}}})");
  EXPECT_EQ(problems, "");
  EXPECT_THAT(names(), ElementsAre("x.weight"));
  EXPECT_EQ(coded("x.weight"), "packed bf16 [32, 64]: values=x.weight_packed scales=x.weight_scale");
}

TEST_F(CodingsTest, SmallNumbersWithScales) {
  add("x.weight", "i8", {32, 64});
  add("x.weight_scale", "f32", {32, 1});
  add("x.input_scale", "f32", {1});
  add("y.weight", "f8_e4m3", {256, 128});
  add("y.weight_scale_inv", "f32", {2, 1});
  add("z.weight", "bf16", {4, 4});
  run(R"({"quant_method": "compressed-tensors"})", R"(, "torch_dtype": "float16")");
  EXPECT_EQ(problems, "");
  EXPECT_THAT(names(), UnorderedElementsAre("x.weight", "y.weight", "z.weight"));
  EXPECT_EQ(coded("x.weight"), "scaled f16 [32, 64]: values=x.weight scales=x.weight_scale");
  EXPECT_EQ(coded("y.weight"), "scaled f16 [256, 128]: values=y.weight scales=y.weight_scale_inv");
  EXPECT_EQ(coded("z.weight"), "none");
}

TEST_F(CodingsTest, ScalesOfAnotherShape) {
  add("x.weight", "f8_e4m3", {256, 128});
  add("x.weight_scale_inv", "f32", {3, 5});
  run(R"({"quant_method": "fp8"})");
  EXPECT_THAT(problems, HasSubstr("x.weight: expects "));
}

TEST_F(CodingsTest, BlocksOfSmallFloats) {
  add("e.gate_up_proj_blocks", "u8", {4, 192, 2, 16});
  add("e.gate_up_proj_scales", "u8", {4, 192, 2});
  run(R"({"quant_method": "mxfp4"})");
  EXPECT_EQ(problems, "");
  EXPECT_EQ(coded("e.gate_up_proj_blocks"), "mxfp4 mxfp4 [4, 192, 64]: values=e.gate_up_proj_blocks scales=e.gate_up_proj_scales");
}

TEST_F(CodingsTest, PlainTensorsStay) {
  add("x.weight", "bf16", {4, 4});
  add("x.input_scale", "f32", {1});
  run("null");
  EXPECT_EQ(problems, "");
  EXPECT_THAT(names(), ElementsAre("x.weight", "x.input_scale"));
}

} // namespace
