//===- ContractionCost.cpp - register tiles of linears ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The innermost loop is counted in vector instructions for one row, one panel and 32 k. Unpacking a weight is shared by the tile's rows,
// what belongs to a row's block by its panels. Accumulators, the weights in use and two temporaries take registers; one too many costs a
// store and a load in every pass of the loop, which is 32 k long with rounded activations and one k without.
//
//===----------------------------------------------------------------------===//

#include "tenon/codegen/schedule/Schedule.h"
#include "tenon/dialects/nn/BlockCodec.h"
#include "tenon/dialects/nn/NN.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::codegen;

namespace {
/// What the kernel's costliest linear does in its innermost loop.
struct InnerLoop {
  int64_t planes = 0;       ///< integer planes of the activations; 0 for float activations
  bool isQuantized = false; ///< the weights are blocks
  bool isSmall = false;     ///< the weights' integers are less than 16
  bool hasMinima = false;   ///< the weights have minima
  int64_t lowOps = 0;       ///< instructions that unpack the low bits of 32 k
  int64_t highOps = 0;      ///< and that join the bits above, and look up tables
  int64_t spans = 1;        ///< spans in 32 k
  int64_t spanOps = 0;      ///< instructions that make a span's scale and minimum of bytes
  int64_t widenOps = 0;     ///< instructions that make a weight of 16 bits an f32
};
} // namespace

static void addForm(InnerLoop &loop, const BlockForm &form) {
  bool isSmall = form.bits <= 4 && !form.table;
  int64_t lowBits = form.bits == 8 ? 8 : form.bits >= 4 ? 4 : 2;
  loop.isQuantized = true;
  loop.isSmall |= isSmall;
  loop.hasMinima |= form.minimum != SpanMinimum::none;
  // A load for each vector, a mask for each step, a shift for each step but a vector's first.
  loop.lowOps = std::max<int64_t>(loop.lowOps, lowBits == 8 ? 8 : lowBits == 4 ? 12 : 16);
  loop.highOps = std::max<int64_t>(loop.highOps, (form.bits == lowBits ? 0 : 16) + (form.table ? 8 : 0));
  loop.spans = std::max<int64_t>(loop.spans, form.span < 32 ? 32 / form.span : 1);
  if (form.scale != SpanScale::whole)
    loop.spanOps = std::max<int64_t>(loop.spanOps, form.minimum == SpanMinimum::bytes ? 4 : 2);
}

static InnerLoop innerLoop(tile::KernelOp kernel) {
  InnerLoop loop;
  for (auto linear : kernel.getBlock().getOps<nn::LinearOpInterface>()) {
    Type input = getElementTypeOrSelf(linear.getInputMutable().get().getType());
    Type weight = getElementTypeOrSelf(linear.getWeightMutable().get().getType());
    loop.planes = std::max<int64_t>(loop.planes, isa<nn::A16Type>(input) ? 2 : isa<nn::A8Type>(input) ? 1 : 0);
    if (auto block = nn::getBlockType(weight))
      addForm(loop, *findBlockCodec(block.getFormatName())->form);
    loop.widenOps = std::max<int64_t>(loop.widenOps, weight.isF32() ? 0 : weight.isF16() ? 1 : 2);
  }
  return loop;
}

/// Instructions of one dot product of 64 bytes.
static double dotOps(const InnerLoop &loop, const Target &target) {
  if (target.has("avx512vnni") || target.has("avxvnni"))
    return registersOfVector(target);
  return registersOfVector(target) * (loop.isSmall ? 2.0 : 8.0);
}

static int64_t registersNeeded(const InnerLoop &loop, const Target &target, int64_t rows, int64_t panels) {
  int64_t weights = panels;
  if (loop.isQuantized && loop.planes == 0)
    weights = (loop.hasMinima ? 6 : 5) * panels; // four k of a channel, the scale and the minimum
  else if (loop.isQuantized && loop.lowOps != 8)
    weights = (loop.highOps != 0 ? 3 : 2) * panels; // packed, in one or two planes, and unpacked
  return registersOfVector(target) * (rows * panels * (1 + loop.planes) + weights) + 2;
}

static double cost(const InnerLoop &loop, const Target &target, int64_t rows, int64_t panels) {
  double vector = registersOfVector(target);
  double spills = 2.0 * excessRegisters(target, registersNeeded(loop, target, rows, panels)) / (rows * panels);
  if (!loop.isQuantized)
    return 32 * (vector * (1 + double(1 + loop.widenOps) / rows + 1.0 / panels) + spills);
  if (loop.planes == 0)
    return 32 * (vector * (1 + 4.0 / rows + 1.0 / panels) + spills);
  double unpack = (loop.lowOps + loop.highOps) * vector, scales = ((loop.hasMinima ? 4 : 2) + loop.spanOps) * vector;
  double ofBlock = (loop.hasMinima ? 4 : 2) * vector, ofSum = (loop.hasMinima ? 4 : 3) * vector + 2 * vector * (loop.planes - 1);
  double ofSpan = ofSum + scales / rows + ofBlock / panels;
  return 8 * loop.planes * dotOps(loop, target) + loop.spans * ofSpan + unpack / rows + spills;
}

SmallVector<ScheduleCandidate> tenon::codegen::contractionCandidates(tile::KernelOp kernel, const Target &target) {
  InnerLoop loop = innerLoop(kernel);
  // With one row the loop waits for memory: as many streams as there are registers for, four at most.
  int64_t streams = 4;
  while (streams > 1 && registersNeeded(loop, target, 1, streams) > target.vectorRegisters)
    streams /= 2;
  SmallVector<ScheduleCandidate> candidates;
  for (int64_t rows : {1, 2, 3, 4, 6, 8})
    for (int64_t panels : {1, 2, 4}) {
      // Larger tiles gain nothing and take long to compile. Where unpacking is dear, more rows pay for some spills.
      bool isDear = loop.planes != 0 && loop.highOps + loop.spanOps > 0;
      int64_t registers = target.vectorRegisters + (isDear && target.vectorRegisters >= 32 ? 8 : 0);
      if (rows * panels > 24 || (rows * panels > 8 && registersNeeded(loop, target, rows, panels) > registers))
        continue;
      candidates.push_back(
          {tile::ScheduleAttr::get(kernel.getContext(), /*width=*/16, rows, panels, /*gemv_panels=*/streams, 0, 0, 0, 0, 0),
           cost(loop, target, rows, panels), registersNeeded(loop, target, rows, panels)});
    }
  return candidates;
}
