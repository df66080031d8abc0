//===- EvalTensorTest.cpp - tensors of the evaluator ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mlir/IR/Builders.h"
#include "tenon/dialects/nn/NN.h"
#include "gtest/gtest.h"

#include <cmath>

using namespace mlir;
using namespace tenon;

namespace {
class EvalTensorTest : public testing::Test {
protected:
  EvalTensorTest() : builder(&context) { context.loadDialect<nn::NNDialect>(); }

  std::optional<size_t> bytes(ArrayRef<int64_t> shape, Type type) { return EvalTensor::storedBytes(shape, type); }

  MLIRContext context;
  Builder builder;
};
} // namespace

TEST_F(EvalTensorTest, KnowsHowManyBytesAreStored) {
  EXPECT_EQ(bytes({3, 5}, builder.getF32Type()), 60u);
  EXPECT_EQ(bytes({3, 5}, builder.getBF16Type()), 30u);
  EXPECT_EQ(bytes({}, builder.getI32Type()), 4u);
  EXPECT_EQ(bytes({2, 64}, nn::Q4_1Type::get(&context)), 80u);
  EXPECT_EQ(bytes({0, 64}, nn::Q8_0Type::get(&context)), 0u);
}

// Sizes that no file can have are refused before anything is done with them.
TEST_F(EvalTensorTest, RefusesSizesThatOverflow) {
  int64_t huge = int64_t(1) << 62;
  EXPECT_FALSE(bytes({huge, 8}, builder.getF32Type()));
  EXPECT_FALSE(bytes({8, huge}, builder.getF32Type()));
  EXPECT_FALSE(bytes({ShapedType::kDynamic, 8}, builder.getF32Type()));
  EXPECT_FALSE(bytes({2, 48}, nn::Q4_0Type::get(&context)));
  EXPECT_FALSE(bytes({2, 48}, builder.getF64Type()));
}

TEST_F(EvalTensorTest, DecodesMappedRows) {
  // Two rows of one q8_0 block each: scale 0.5 (0x3800) and values 0 ... 31, then scale -2 (0xc000).
  std::vector<uint8_t> stored;
  for (uint16_t scale : {0x3800, 0xc000}) {
    stored.push_back(scale & 255);
    stored.push_back(scale >> 8);
    for (int i = 0; i < 32; ++i)
      stored.push_back(i);
  }
  EvalTensor tensor = EvalTensor::mapped({2, 32}, nn::Q8_0Type::get(&context), stored.data(), stored.size(), nullptr);
  std::vector<double> row(32);
  tensor.readRow(1, row.data());
  EXPECT_EQ(row[3], -6.0);
  EXPECT_EQ(tensor.toDense().at(3), 1.5);
}

TEST_F(EvalTensorTest, ReadsHalvesAtOddAddresses) {
  const uint8_t stored[] = {0, 0x00, 0x3c, 0x80, 0x3f};
  EvalTensor half = EvalTensor::mapped({1}, builder.getF16Type(), stored + 1, 2, nullptr);
  EvalTensor brain = EvalTensor::mapped({1}, builder.getBF16Type(), stored + 3, 2, nullptr);
  EXPECT_EQ(half.toDense().at(0), 1.0);
  EXPECT_EQ(brain.toDense().at(0), 1.0);
}

TEST_F(EvalTensorTest, RoundsToNarrowTypesOnly) {
  EXPECT_EQ(roundToType(0.1, builder.getF32Type()), 0.1);
  EXPECT_EQ(roundToType(2049.0, builder.getF16Type()), 2048.0);
  EXPECT_EQ(roundToType(2051.0, builder.getF16Type()), 2052.0);
  EXPECT_TRUE(std::isinf(roundToType(1e6, builder.getF16Type())));
  EXPECT_EQ(roundToType(257.0, builder.getBF16Type()), 256.0);
}

TEST_F(EvalTensorTest, CountsRowsOfEveryRank) {
  EXPECT_EQ(EvalTensor::dense({}).rows(), 1);
  EXPECT_EQ(EvalTensor::dense({7}).rows(), 1);
  EXPECT_EQ(EvalTensor::dense({2, 3, 4}).rows(), 6);
  EXPECT_EQ(EvalTensor::dense({0, 4}).rows(), 0);
}
