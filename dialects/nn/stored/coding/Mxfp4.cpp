//===- Mxfp4.cpp - floats of 4 bits with a power of two for each 32 ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A tensor [..., in]:
//
//   values  u8 [..., in / 32, 16]   byte j of a block has element 2j in its low half and element 2j + 1 in its high half
//   scales  u8 [..., in / 32]       the exponent e of a block
//
// The element is 2^(e - 127) * table[half]: sign, two bits of exponent, one of fraction.

#include "tenon/dialects/nn/stored/Coding.h"

#include <cmath>

using namespace tenon;
using namespace llvm;

static constexpr StringLiteral required[] = {"values", "scales"};
static constexpr float table[16] = {0, 0.5, 1, 1.5, 2, 3, 4, 6, -0.0f, -0.5, -1, -1.5, -2, -3, -4, -6};

static std::string check(const StoredTensor &tensor) {
  if (tensor.shape.empty() || tensor.shape.back() % 32 != 0)
    return "a multiple of 32 inputs, but got " + coding::shapeText(tensor.shape);
  SmallVector<int64_t, 4> blocks = tensor.shape;
  blocks.back() /= 32;
  std::string problem = coding::expectArray("scales", *tensor.part("scales"), "u8", blocks);
  blocks.push_back(16);
  return problem.empty() ? coding::expectArray("values", *tensor.part("values"), "u8", blocks) : problem;
}

static Error decode(const StoredTensor &tensor, const SourceFiles &files, int64_t first, int64_t count, float *values) {
  int64_t blocks = tensor.shape.back() / 32;
  std::vector<uint8_t> halves(size_t(count * blocks * 16)), exponents(size_t(count * blocks));
  if (Error error = files.readElements(*tensor.part("values"), first * blocks * 16, halves))
    return error;
  if (Error error = files.readElements(*tensor.part("scales"), first * blocks, exponents))
    return error;
  for (int64_t block = 0; block < count * blocks; ++block) {
    float scale = std::ldexp(1.0f, int(exponents[block]) - 127);
    for (int64_t j = 0; j < 16; ++j) {
      uint8_t byte = halves[block * 16 + j];
      values[block * 32 + 2 * j] = scale * table[byte & 15];
      values[block * 32 + 2 * j + 1] = scale * table[byte >> 4];
    }
  }
  return Error::success();
}

constinit const CodingRule coding::mxfp4 = {"mxfp4", required, {}, check, decode};
