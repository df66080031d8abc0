//===- Scaled.cpp - small numbers with a scale for each block of them ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A tensor [..., out, in]:
//
//   values  i8, f8_e4m3 or f8_e5m2 [..., out, in]
//   scales  float or f8_e8m0 [..., out / rows, in / columns], rounded up: one for each block of rows x columns elements
//   zeros   i8 of the scales' shape, optional
//
// Leading dimensions and dimensions of one may be left out of the scales if they count the same. Blocks are 1 x in (a scale a channel),
// out x in (one scale), 1 x in / groups, or 128 x 128, whichever the number of scales is that of; the element is (value - zero) * scale.

#include "tenon/dialects/nn/stored/Coding.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace tenon;
using namespace llvm;

static constexpr StringLiteral required[] = {"values", "scales"};
static constexpr StringLiteral optional[] = {"zeros"};

namespace {
/// Elements of one matrix of the tensor that share a scale.
struct Blocks {
  int64_t rows, columns;     ///< of a block
  int64_t across, perMatrix; ///< blocks in a row of blocks, and in a matrix
};
} // namespace

/// The first kind of blocks that the scales' shape fits.
static std::optional<Blocks> blocksOf(const StoredTensor &tensor) {
  ArrayRef<int64_t> shape = tensor.shape, scales = tensor.part("scales")->shape;
  int64_t outputs = shape[shape.size() - 2], inputs = shape.back();
  int64_t matrices = *elementCount(shape.drop_back(2)), count = *elementCount(scales);
  int64_t last = scales.empty() ? 1 : scales.back();
  bool byRow = scales.size() >= 2 && scales[scales.size() - 2] == outputs;
  if (count == matrices || (count == 1 && matrices == 1))
    return Blocks{outputs, inputs, 1, 1};
  if (count == matrices * outputs)
    return Blocks{1, inputs, 1, outputs};
  if (byRow && last > 0 && inputs % last == 0 && count == matrices * outputs * last)
    return Blocks{1, inputs / last, last, outputs * last};
  constexpr int64_t side = 128;
  int64_t down = divideCeil(outputs, side), across = divideCeil(inputs, side);
  if (count == matrices * down * across && last == across)
    return Blocks{side, side, across, down * across};
  return std::nullopt;
}

static std::string check(const StoredTensor &tensor) {
  const StoredArray &values = *tensor.part("values"), &scales = *tensor.part("scales"), *zeros = tensor.part("zeros");
  if (tensor.shape.size() < 2 || is_contained(tensor.shape, 0))
    return "a matrix or more, with elements";
  if (values.format != "i8" && values.format != "f8_e4m3" && values.format != "f8_e5m2")
    return "values of i8, f8_e4m3 or f8_e5m2, but got " + values.format;
  std::string problem = coding::expectArray("values", values, values.format, tensor.shape);
  if (problem.empty() && scales.format != "f8_e8m0")
    problem = coding::expectFloat("scales", scales);
  if (problem.empty() && zeros)
    problem = coding::expectArray("zeros", *zeros, "i8", scales.shape);
  if (problem.empty() && !blocksOf(tensor))
    problem = "one scale for the tensor, a channel, a group of a channel or a block of 128 by 128, but got scales " +
              coding::shapeText(scales.shape) + " for " + coding::shapeText(tensor.shape);
  return problem;
}

/// Reads the rows of one matrix: `row` counts in it.
static Error decodeMatrix(const StoredTensor &tensor, const SourceFiles &files, const Blocks &blocks, int64_t matrix, int64_t row,
                          int64_t count, float *values) {
  int64_t outputs = tensor.shape[tensor.shape.size() - 2], inputs = tensor.shape.back();
  std::vector<float> stored, scale, zero;
  if (Error error = coding::readFloats(*tensor.part("values"), files, (matrix * outputs + row) * inputs, count * inputs, stored))
    return error;
  int64_t firstBlock = row / blocks.rows, blockRows = (row + count - 1) / blocks.rows + 1 - firstBlock;
  int64_t at = matrix * blocks.perMatrix + firstBlock * blocks.across;
  if (Error error = coding::readFloats(*tensor.part("scales"), files, at, blockRows * blocks.across, scale))
    return error;
  if (const StoredArray *zeros = tensor.part("zeros"))
    if (Error error = coding::readFloats(*zeros, files, at, blockRows * blocks.across, zero))
      return error;
  for (int64_t r = 0; r < count; ++r)
    for (int64_t c = 0; c < inputs; ++c) {
      int64_t block = ((row + r) / blocks.rows - firstBlock) * blocks.across + c / blocks.columns;
      values[r * inputs + c] = (stored[r * inputs + c] - (zero.empty() ? 0 : zero[block])) * scale[block];
    }
  return Error::success();
}

static Error decode(const StoredTensor &tensor, const SourceFiles &files, int64_t first, int64_t count, float *values) {
  Blocks blocks = *blocksOf(tensor);
  int64_t outputs = tensor.shape[tensor.shape.size() - 2], inputs = tensor.shape.back();
  for (int64_t done = 0; done < count;) {
    int64_t row = (first + done) % outputs, rows = std::min(count - done, outputs - row);
    if (Error error = decodeMatrix(tensor, files, blocks, (first + done) / outputs, row, rows, values + done * inputs))
      return error;
    done += rows;
  }
  return Error::success();
}

constinit const CodingRule coding::scaled = {"scaled", required, optional, check, decode};
