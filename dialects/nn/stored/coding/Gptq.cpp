//===- Gptq.cpp - integers packed along the inputs, with scales and zero points by group ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A tensor [out, in] of b = 2, 4 or 8 bits:
//
//   values  i32 [in * b / 32, out]       bits b * (i % (32 / b)) ... of word [i / (32 / b), o] are q
//   zeros   i32 [groups, out * b / 32]   bits b * (o % (32 / b)) ... of word [g, o / (32 / b)] are z
//   scales  float [groups, out]
//   groups  i32 [in], optional           the group of input i; without it i / (in / groups), rounded up
//
// The element is (q - zero) * scale with zero = (z + 1) mod 2^b in "gptq", which stores zero points less one, and zero = z in "gptq_v2".

#include "tenon/dialects/nn/stored/Coding.h"

#include "llvm/Support/Endian.h"
#include "llvm/Support/MathExtras.h"

using namespace tenon;
using namespace llvm;

static constexpr StringLiteral required[] = {"values", "zeros", "scales"};
static constexpr StringLiteral optional[] = {"groups"};

/// The bits of an integer, or 0 if the shape of the values gives none that is supported.
static int64_t bitsOf(const StoredTensor &tensor) {
  int64_t words = tensor.part("values")->shape[0], inputs = tensor.shape[1];
  for (int64_t bits : {2, 4, 8})
    if (inputs % (32 / bits) == 0 && words == inputs / (32 / bits))
      return bits;
  return 0;
}

static std::string check(const StoredTensor &tensor) {
  const StoredArray &values = *tensor.part("values"), &scales = *tensor.part("scales");
  if (tensor.shape.size() != 2 || values.shape.size() != 2 || scales.shape.size() != 2 || tensor.shape[1] < 1)
    return "values and scales of rank 2 for a matrix";
  int64_t bits = bitsOf(tensor), outputs = tensor.shape[0], inputs = tensor.shape[1], groups = scales.shape[0];
  if (bits == 0)
    return "values of 2, 4 or 8 bits, but got " + coding::shapeText(values.shape) + " words for " + coding::shapeText(tensor.shape);
  if (outputs % (32 / bits) != 0)
    return "a multiple of " + std::to_string(32 / bits) + " outputs, but got " + std::to_string(outputs);
  if (groups < 1 || groups > inputs)
    return "one group or more, but got scales " + coding::shapeText(scales.shape);
  std::string problem = coding::expectArray("values", values, "i32", {inputs * bits / 32, outputs});
  if (problem.empty())
    problem = coding::expectArray("zeros", *tensor.part("zeros"), "i32", {groups, outputs * bits / 32});
  if (problem.empty())
    problem = coding::expectFloat("scales", scales);
  if (problem.empty())
    problem = coding::expectArray("scales", scales, scales.format, {groups, outputs});
  if (const StoredArray *index = tensor.part("groups"); index && problem.empty())
    problem = coding::expectArray("groups", *index, "i32", {inputs});
  return problem;
}

/// The group of every input.
static Error readGroups(const StoredTensor &tensor, const SourceFiles &files, int64_t groups, std::vector<int64_t> &group) {
  int64_t inputs = tensor.shape[1];
  group.resize(size_t(inputs));
  const StoredArray *index = tensor.part("groups");
  if (!index) {
    int64_t size = divideCeil(inputs, groups);
    for (int64_t i = 0; i < inputs; ++i)
      group[i] = i / size;
    return Error::success();
  }
  std::vector<uint8_t> bytes(size_t(4 * inputs));
  if (Error error = files.readElements(*index, 0, bytes))
    return error;
  for (int64_t i = 0; i < inputs; ++i) {
    group[i] = int32_t(support::endian::read32le(bytes.data() + 4 * i));
    if (group[i] < 0 || group[i] >= groups)
      return createStringError("expects groups from 0 to " + Twine(groups - 1) + ", but input " + Twine(i) + " has " + Twine(group[i]));
  }
  return Error::success();
}

template <bool zeroLessOne>
static Error decode(const StoredTensor &tensor, const SourceFiles &files, int64_t first, int64_t count, float *values) {
  const StoredArray &words = *tensor.part("values"), &zeros = *tensor.part("zeros"), &scales = *tensor.part("scales");
  int64_t bits = bitsOf(tensor), perWord = 32 / bits, outputs = tensor.shape[0], inputs = tensor.shape[1], groups = scales.shape[0];
  uint32_t mask = (1u << bits) - 1;
  std::vector<int64_t> group;
  if (Error error = readGroups(tensor, files, groups, group))
    return error;
  std::vector<uint8_t> packed, zeroWords, scaleBytes;
  int64_t zeroFirst = first / perWord, zeroCount = (first + count - 1) / perWord + 1 - zeroFirst;
  if (Error error = files.readRectangle(words, outputs, 0, inputs / perWord, first, count, packed))
    return error;
  if (Error error = files.readRectangle(zeros, outputs / perWord, 0, groups, zeroFirst, zeroCount, zeroWords))
    return error;
  if (Error error = files.readRectangle(scales, outputs, 0, groups, first, count, scaleBytes))
    return error;
  std::vector<float> scale(size_t(groups * count)), zero(size_t(groups * count));
  ElementFormat::find(scales.format)->decode(scaleBytes.data(), groups * count, scale.data());
  for (int64_t g = 0; g < groups; ++g)
    for (int64_t o = 0; o < count; ++o) {
      int64_t output = first + o;
      uint32_t word = support::endian::read32le(zeroWords.data() + 4 * (g * zeroCount + output / perWord - zeroFirst));
      uint32_t z = word >> (bits * (output % perWord)) & mask;
      zero[g * count + o] = float(zeroLessOne ? (z + 1) & mask : z);
    }
  for (int64_t i = 0; i < inputs; ++i) {
    const float *groupScale = scale.data() + group[i] * count, *groupZero = zero.data() + group[i] * count;
    for (int64_t o = 0; o < count; ++o) {
      uint32_t q = support::endian::read32le(packed.data() + 4 * (i / perWord * count + o)) >> (bits * (i % perWord)) & mask;
      values[o * inputs + i] = (float(q) - groupZero[o]) * groupScale[o];
    }
  }
  return Error::success();
}

constinit const CodingRule coding::gptq = {"gptq", required, optional, check, decode<true>};
constinit const CodingRule coding::gptqV2 = {"gptq_v2", required, optional, check, decode<false>};
