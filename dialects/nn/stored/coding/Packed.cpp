//===- Packed.cpp - integers packed along the inputs of a row, with scales by group ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A tensor [out, in] of b = 4 or 8 bits:
//
//   values  i32 [out, ceil(in * b / 32)]           bits b * (i % (32 / b)) ... of word [o, i / (32 / b)] are q + 2^(b-1)
//   scales  float [out, groups]
//   zeros   i32 [ceil(out * b / 32), groups], optional   bits b * (o % (32 / b)) ... of word [o / (32 / b), g] are z + 2^(b-1)
//   groups  i32 [in], optional                     the group of input i; without it i / (in / groups)
//
// The element is (q - z) * scale, z = 0 without zeros.

#include "tenon/dialects/nn/stored/Coding.h"

#include "llvm/Support/Endian.h"
#include "llvm/Support/MathExtras.h"

using namespace tenon;
using namespace llvm;

static constexpr StringLiteral required[] = {"values", "scales"};
static constexpr StringLiteral optional[] = {"zeros", "groups"};

/// The bits of an integer, or 0 if the shape of the values gives none that is supported.
static int64_t bitsOf(const StoredTensor &tensor) {
  for (int64_t bits : {4, 8})
    if (tensor.part("values")->shape[1] == int64_t(divideCeil(tensor.shape[1] * bits, 32)))
      return bits;
  return 0;
}

static std::string check(const StoredTensor &tensor) {
  const StoredArray &values = *tensor.part("values"), &scales = *tensor.part("scales");
  if (tensor.shape.size() != 2 || values.shape.size() != 2 || scales.shape.size() != 2)
    return "values and scales of rank 2 for a matrix";
  int64_t bits = bitsOf(tensor), outputs = tensor.shape[0], inputs = tensor.shape[1], groups = scales.shape[1];
  if (bits == 0)
    return "values of 4 or 8 bits, but got " + coding::shapeText(values.shape) + " words for " + coding::shapeText(tensor.shape);
  if (groups < 1 || inputs % groups != 0)
    return "groups that divide the " + std::to_string(inputs) + " inputs, but got " + std::to_string(groups);
  std::string problem = coding::expectArray("values", values, "i32", {outputs, int64_t(divideCeil(inputs * bits, 32))});
  if (problem.empty())
    problem = coding::expectFloat("scales", scales);
  if (problem.empty())
    problem = coding::expectArray("scales", scales, scales.format, {outputs, groups});
  if (const StoredArray *zeros = tensor.part("zeros"); zeros && problem.empty())
    problem = coding::expectArray("zeros", *zeros, "i32", {int64_t(divideCeil(outputs * bits, 32)), groups});
  if (const StoredArray *index = tensor.part("groups"); index && problem.empty())
    problem = coding::expectArray("groups", *index, "i32", {inputs});
  return problem;
}

static Error decode(const StoredTensor &tensor, const SourceFiles &files, int64_t first, int64_t count, float *values) {
  const StoredArray &words = *tensor.part("values"), &scales = *tensor.part("scales"), *zeros = tensor.part("zeros");
  int64_t bits = bitsOf(tensor), perWord = 32 / bits, inputs = tensor.shape[1], groups = scales.shape[1], width = words.shape[1];
  int32_t mask = (1 << bits) - 1, middle = 1 << (bits - 1);
  std::vector<uint8_t> packed(size_t(4 * count * width)), zeroWords, index;
  if (Error error = files.readElements(words, first * width, packed))
    return error;
  std::vector<float> scale;
  if (Error error = coding::readFloats(scales, files, first * groups, count * groups, scale))
    return error;
  int64_t zeroFirst = first / perWord;
  if (zeros)
    if (Error error = files.readRectangle(*zeros, groups, zeroFirst, (first + count - 1) / perWord + 1 - zeroFirst, 0, groups, zeroWords))
      return error;
  if (const StoredArray *array = tensor.part("groups"))
    if (Error error = files.readRectangle(*array, inputs, 0, 1, 0, inputs, index))
      return error;
  for (int64_t o = 0; o < count; ++o)
    for (int64_t i = 0; i < inputs; ++i) {
      int64_t group = index.empty() ? i / (inputs / groups) : int32_t(support::endian::read32le(index.data() + 4 * i));
      if (group < 0 || group >= groups)
        return createStringError("expects groups from 0 to " + Twine(groups - 1) + ", but input " + Twine(i) + " has " + Twine(group));
      int32_t word = int32_t(support::endian::read32le(packed.data() + 4 * (o * width + i / perWord)));
      int32_t q = (word >> (bits * (i % perWord)) & mask) - middle, z = 0;
      if (zeros) {
        int64_t row = (first + o) / perWord - zeroFirst;
        int32_t zeroWord = int32_t(support::endian::read32le(zeroWords.data() + 4 * (row * groups + group)));
        z = (zeroWord >> (bits * ((first + o) % perWord)) & mask) - middle;
      }
      values[o * inputs + i] = float(q - z) * scale[o * groups + group];
    }
  return Error::success();
}

constinit const CodingRule coding::packed = {"packed", required, optional, check, decode};
