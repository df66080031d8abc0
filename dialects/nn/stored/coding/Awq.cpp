//===- Awq.cpp - integers of 4 bits packed along the outputs, with scales and zero points by group ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A tensor [out, in]:
//
//   values  i32 [in, out / 8]      nibble n of word [i, w] is q of output 8 * w + order[n]
//   zeros   i32 [groups, out / 8]  in the same order
//   scales  float [groups, out]
//
// with order = 0 2 4 6 1 3 5 7. The group of input i is i / (in / groups); the element is (q - z) * scale.

#include "tenon/dialects/nn/stored/Coding.h"

#include "llvm/Support/Endian.h"

using namespace tenon;
using namespace llvm;

static constexpr StringLiteral required[] = {"values", "zeros", "scales"};
/// The nibble of a word that holds an output: the inverse of the order.
static constexpr uint8_t nibbleOf[8] = {0, 4, 1, 5, 2, 6, 3, 7};

static std::string check(const StoredTensor &tensor) {
  const StoredArray &scales = *tensor.part("scales");
  if (tensor.shape.size() != 2 || scales.shape.size() != 2)
    return "scales of rank 2 for a matrix";
  int64_t outputs = tensor.shape[0], inputs = tensor.shape[1], groups = scales.shape[0];
  if (outputs % 8 != 0)
    return "a multiple of 8 outputs, but got " + std::to_string(outputs);
  if (groups < 1 || inputs % groups != 0)
    return "groups that divide the " + std::to_string(inputs) + " inputs, but got " + std::to_string(groups);
  std::string problem = coding::expectArray("values", *tensor.part("values"), "i32", {inputs, outputs / 8});
  if (problem.empty())
    problem = coding::expectArray("zeros", *tensor.part("zeros"), "i32", {groups, outputs / 8});
  if (problem.empty())
    problem = coding::expectFloat("scales", scales);
  return problem.empty() ? coding::expectArray("scales", scales, scales.format, {groups, outputs}) : problem;
}

static Error decode(const StoredTensor &tensor, const SourceFiles &files, int64_t first, int64_t count, float *values) {
  const StoredArray &words = *tensor.part("values"), &zeros = *tensor.part("zeros"), &scales = *tensor.part("scales");
  int64_t outputs = tensor.shape[0], inputs = tensor.shape[1], groups = scales.shape[0], groupSize = inputs / groups;
  int64_t firstWord = first / 8, wordCount = (first + count - 1) / 8 + 1 - firstWord;
  std::vector<uint8_t> packed, zeroWords, scaleBytes;
  if (Error error = files.readRectangle(words, outputs / 8, 0, inputs, firstWord, wordCount, packed))
    return error;
  if (Error error = files.readRectangle(zeros, outputs / 8, 0, groups, firstWord, wordCount, zeroWords))
    return error;
  if (Error error = files.readRectangle(scales, outputs, 0, groups, first, count, scaleBytes))
    return error;
  std::vector<float> scale(size_t(groups * count));
  ElementFormat::find(scales.format)->decode(scaleBytes.data(), groups * count, scale.data());
  auto nibble = [&](const std::vector<uint8_t> &bytes, int64_t row, int64_t output) {
    uint32_t word = support::endian::read32le(bytes.data() + 4 * (row * wordCount + output / 8 - firstWord));
    return float(word >> (4 * nibbleOf[output % 8]) & 15);
  };
  for (int64_t o = 0; o < count; ++o)
    for (int64_t i = 0; i < inputs; ++i) {
      int64_t group = i / groupSize;
      values[o * inputs + i] = (nibble(packed, i, first + o) - nibble(zeroWords, group, first + o)) * scale[group * count + o];
    }
  return Error::success();
}

constinit const CodingRule coding::awq = {"awq", required, {}, check, decode};
