//===- PanelReader.h - weights in panels, as numbers ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the packed forms of weights have in common: a block is some vectors of integers, one lane of 4 bytes a channel, then scales,
// then perhaps minima. A format is a row of a table here; emitters ask the reader and know no format.
//
//===----------------------------------------------------------------------===//

#pragma once

#include "tenon/codegen/cpu/LoopBuilder.h"
#include "tenon/dialects/tile/Buffer.h"

namespace tenon::codegen {

/// A quantised format's integers: weight = d * (q - zeroPoint) + m.
struct PanelFormat {
  llvm::StringLiteral name;
  int64_t bits;      ///< 4 or 8
  int64_t zeroPoint; ///< of the stored unsigned integers
  bool hasMinima;
};
/// Null for floats and unknown formats.
const PanelFormat *panelFormat(mlir::Type element);

class PanelReader {
public:
  /// `weight` is the buffer of a tensor of type `type`, which has an encoding in panels.
  PanelReader(LoopBuilder &builder, mlir::RankedTensorType type, Value weight);

  tile::PanelLayout layout;
  mlir::Type element;
  const PanelFormat *format; ///< null for floats

  /// A block's integers are vectors of 64 bytes, 4 k of each channel; a vector of a 4-bit format has two parts, its low and its high
  /// nibbles. Step s of a block is k = 4 s ... 4 s + 3.
  int64_t vectors() const { return format->bits == 4 ? 4 : 8; }
  int64_t parts() const { return format->bits == 4 ? 2 : 1; }
  int64_t stepOf(int64_t vector, int64_t part) const { return vector + 4 * part; }
  Value loadVector(Value block, int64_t vector);
  /// A part of a vector, one unsigned integer a byte.
  Value unpack(Value vector, int64_t part);
  /// The number of steps of a block.
  static constexpr int64_t steps = 8;
  Value scales(Value block);
  Value minima(Value block);
  /// The 16 channels' weights at one k, for floats: `block` is the address of that k.
  Value floats(Value block);
  /// The f32 weights of step `step`: four vectors of 16 channels, k ascending.
  Values dequantize(Value block, int64_t step, Value scale, Value minimum);
  /// The byte at which a block of a panel begins.
  Value address(Value panel, Value block);
  /// Weights of one channel from `column` on, which is a multiple of 16 when they are quantised; `lanes` is then 16.
  Value row(Value channel, Value column, int64_t lanes, int64_t active);

private:
  Value floatRow(Value panel, Value lane, Value column, int64_t lanes, int64_t active);
  Value halves(Value byte);

  LoopBuilder &b;
  Value weight;
};

} // namespace tenon::codegen
