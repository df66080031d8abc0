//===- PanelReader.h - weights in panels, as numbers ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reads what dialects/tile/PanelBlock.h lays out, for any form of weights: emitters ask the reader and know no format.
//
//===----------------------------------------------------------------------===//

#pragma once

#include "tenon/codegen/cpu/LoopBuilder.h"
#include "tenon/dialects/tile/Buffer.h"

namespace tenon::codegen {

/// The form of a quantised element type; null for floats.
const BlockForm *weightForm(mlir::Type element);

/// A scale and a minimum, of some channels or of one; the minimum is null in forms that have none.
struct ScaleAndMinimum {
  Value scale, minimum;
};

/// Neighbouring channels of a panel.
struct PanelChannels {
  Value first = {}; ///< a multiple of `count`; null: 0
  int64_t count = tile::panelChannels;
};

class PanelReader {
public:
  /// `weight` is the buffer of a tensor of type `type`, which has an encoding in panels.
  PanelReader(LoopBuilder &builder, mlir::RankedTensorType type, Value weight);

  tile::PanelLayout layout;
  mlir::Type element;
  const BlockForm *form; ///< null for floats

  /// The byte at which a block of a panel begins.
  Value address(Value panel, Value block);
  /// The channels' weights at one k, for floats: `block` is the address of that k.
  Value floats(Value block, const PanelChannels &some = {});

  /// A block has parts of 32 k, a part has steps of four k; spans of a part have scales of their own, or it has one.
  int64_t parts() const { return layout.blockElements / tile::blockPart; }
  int64_t spans() const { return form->span < tile::blockPart ? tile::blockPart / form->span : 1; }
  static constexpr int64_t steps = tile::blockPart / 4;
  /// The largest integer is less than 16.
  bool isSmall() const { return form->bits <= 4 && !form->table; }

  /// What the block's halfs say, negated as far as its minima are subtracted. Both may be null.
  ScaleAndMinimum ofBlock(Value block, const PanelChannels &some = {});
  /// The scale and the minimum to add of the span of that number in the block.
  ScaleAndMinimum ofSpan(Value block, const ScaleAndMinimum &ofBlock, Value number, const PanelChannels &some = {});
  /// The same of one span of a part.
  ScaleAndMinimum ofSpan(Value block, const ScaleAndMinimum &ofBlock, Value part, int64_t span);

  /// Reads a part's integers step by step, each vector once.
  class Integers {
  public:
    Integers(PanelReader &reader, Value block, Value part, const PanelChannels &some = {});
    /// The channels' integers of a step, one unsigned byte each, four a channel.
    Value step(int64_t step);

  private:
    Value plane(int64_t first, int64_t bits, int64_t step, std::pair<int64_t, Value> &loaded);

    PanelReader &reader;
    PanelChannels some;
    Value address;
    std::pair<int64_t, Value> low = {-1, Value()}, high = {-1, Value()}; ///< the vectors loaded last, by number
  };
  /// The f32 weights of a step's integers: four vectors of its channels, k ascending.
  Values dequantize(Value integers, const ScaleAndMinimum &scale);
  /// What the integers stand for in forms that have a table; the integers themselves in others.
  Value lookUp(Value integers);

  /// Weights of one channel from `column` on, which is a multiple of 16 when they are quantised; `lanes` is then 16.
  Value row(Value channel, Value column, int64_t lanes, int64_t active);

private:
  Value floatRow(Value panel, Value lane, Value column, int64_t lanes, int64_t active);
  Value quantizedRow(Value panel, Value lane, Value column);
  Value rowPlane(Value address, Value half, int64_t bits);
  ScaleAndMinimum ofLane(Value block, Value lane, Value span);
  Value number(Value integers);
  Value halfs(Value block, int64_t place, const PanelChannels &some);
  Value scaleNumber(Value bytes);
  Value minimumNumber(Value bytes);

  LoopBuilder &b;
  Value weight;
};

} // namespace tenon::codegen
