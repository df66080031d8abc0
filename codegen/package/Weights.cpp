//===- Weights.cpp - streams parameters from files into an artifact ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The packed file is cut into pieces whose place and size are known before anything is read. Threads take pieces from a counter, read
// the rows they need, pack them and write them at their place. A piece's checksum is joined with the others at the end, and so is what
// rounding did, in the order of the pieces: neither depends on the threads.
//
//===----------------------------------------------------------------------===//

#include "tenon/codegen/package/Weights.h"

#include "tenon/codegen/package/Panels.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>
#include <zlib.h>

using namespace llvm;

namespace tenon::codegen {

namespace {
constexpr uint64_t pieceTarget = 1 << 20;

/// Part of the packed file that one thread makes at once.
struct Piece {
  static constexpr size_t none = ~size_t(0);
  size_t weight;          ///< none: zeros
  uint64_t offset, bytes; ///< in the packed file
  int64_t firstRow, rows; ///< of the parameter
  uint32_t checksum = 0;
  RoundingSums rounding = {};
};

/// The state the threads share.
struct Packing {
  ArrayRef<PackedWeight> weights;
  std::vector<Piece> pieces;
  SourceFiles files;
  std::vector<ParameterReader> readers; ///< one a weight
  std::atomic<size_t> next = 0;
  std::mutex lock; ///< guards written and failure, and serialises progress
  uint64_t written = 0;
  Error failure = Error::success();

  void addZeros(uint64_t from, uint64_t to);
  Error addPlain(size_t index);
  Error addPanels(size_t index);
  Error plan(uint64_t size);
  Error make(Piece &piece, std::vector<uint8_t> &source, std::vector<uint8_t> &packed) const;
};
} // namespace

void Packing::addZeros(uint64_t from, uint64_t to) {
  for (uint64_t at = from; at < to; at += pieceTarget)
    pieces.push_back({Piece::none, at, std::min(pieceTarget, to - at), 0, 0});
}

static Error sizeError(const PackedWeight &weight) {
  return createStringError("'" + weight.name + "' has a size that doesn't fit its shape");
}

Error Packing::addPlain(size_t index) {
  const PackedWeight &weight = weights[index];
  const ParameterReader &reader = readers[index];
  uint64_t rowBytes = reader.rowBytes();
  if (weight.bytes != uint64_t(reader.rows()) * rowBytes)
    return sizeError(weight);
  int64_t step = std::max<int64_t>(1, pieceTarget / std::max<uint64_t>(1, rowBytes));
  for (int64_t row = 0; row < reader.rows() && rowBytes > 0; row += step) {
    int64_t rows = std::min(step, reader.rows() - row);
    pieces.push_back({index, weight.offset + row * rowBytes, rows * rowBytes, row, rows});
  }
  return Error::success();
}

Error Packing::addPanels(size_t index) {
  const PackedWeight &weight = weights[index];
  const PanelFormat *format = findPanelFormat(weight.format());
  if (!format || weight.shape().size() < 2)
    return createStringError("'" + weight.name + "' of format " + weight.format() + " has no panel layout");
  int64_t columns = weight.shape().back(), channels = weight.shape()[weight.shape().size() - 2];
  int64_t matrices = *elementCount(weight.shape().drop_back(2));
  uint64_t panelBytes = format->panelBytes(columns), panels = divideCeil(channels, panelChannels);
  if (weight.bytes != uint64_t(matrices) * panels * panelBytes || readers[index].rowBytes() != uint64_t(format->rowBytes(columns)))
    return sizeError(weight);
  uint64_t step = std::max<uint64_t>(1, pieceTarget / std::max<uint64_t>(1, panelBytes));
  for (int64_t matrix = 0; matrix < matrices; ++matrix)
    for (uint64_t panel = 0; panel < panels; panel += step) {
      uint64_t count = std::min(step, panels - panel), first = panel * panelChannels;
      uint64_t present = std::min<uint64_t>(count * panelChannels, channels - first);
      pieces.push_back({index, weight.offset + (matrix * panels + panel) * panelBytes, count * panelBytes,
                        int64_t(matrix * channels + first), int64_t(present)});
    }
  return Error::success();
}

Error Packing::plan(uint64_t size) {
  uint64_t end = 0;
  for (auto [index, weight] : enumerate(weights)) {
    if (weight.offset < end || weight.offset > size || weight.bytes > size - weight.offset)
      return createStringError("'" + weight.name + "' lies outside of its place in the packed weights");
    Expected<ParameterReader> reader = ParameterReader::open(weight.stored, files);
    if (!reader)
      return createStringError("'" + weight.name + "': " + toString(reader.takeError()));
    readers.push_back(std::move(*reader));
    addZeros(end, weight.offset);
    if (Error error = weight.panels ? addPanels(index) : addPlain(index))
      return error;
    end = weight.offset + weight.bytes;
  }
  addZeros(end, size);
  return Error::success();
}

/// Reads and packs one piece into `packed`; `source` is scratch.
Error Packing::make(Piece &piece, std::vector<uint8_t> &source, std::vector<uint8_t> &packed) const {
  packed.resize(piece.bytes);
  if (piece.weight == Piece::none) {
    std::fill(packed.begin(), packed.end(), 0);
    return Error::success();
  }
  const PackedWeight &weight = weights[piece.weight];
  const ParameterReader &reader = readers[piece.weight];
  RoundingSums *sums = reader.isRounded() ? &piece.rounding : nullptr;
  if (!weight.panels)
    return reader.read(piece.firstRow, piece.rows, packed, sums);
  source.resize(piece.rows * reader.rowBytes());
  if (Error error = reader.read(piece.firstRow, piece.rows, source, sums))
    return error;
  const PanelFormat &format = *findPanelFormat(weight.format());
  int64_t columns = weight.shape().back();
  uint64_t panelBytes = format.panelBytes(columns);
  for (int64_t channel = 0, panel = 0; channel < piece.rows; channel += panelChannels, ++panel)
    packPanel(format, source.data() + channel * reader.rowBytes(), std::min(panelChannels, piece.rows - channel), columns,
              packed.data() + panel * panelBytes);
  return Error::success();
}

static void work(Packing &packing, uint64_t size, const ZipWriter &archive, const ZipWriter::Reservation &entry,
                 const PackOptions &options) {
  std::vector<uint8_t> source, packed;
  for (size_t index; (index = packing.next++) < packing.pieces.size();) {
    Piece &piece = packing.pieces[index];
    Error error = packing.make(piece, source, packed);
    if (error && piece.weight != Piece::none)
      error = createStringError("'" + packing.weights[piece.weight].name + "': " + toString(std::move(error)));
    if (!error) {
      piece.checksum = crc32_z(0, packed.data(), packed.size());
      error = archive.writeAt(entry.offset + piece.offset, ArrayRef<char>(reinterpret_cast<const char *>(packed.data()), packed.size()));
    }
    std::lock_guard<std::mutex> guard(packing.lock);
    if (error) {
      packing.next = packing.pieces.size();
      packing.failure = joinErrors(std::move(packing.failure), std::move(error));
      return;
    }
    packing.written += piece.bytes;
    if (options.progress)
      options.progress(packing.written, size);
  }
}

Expected<std::vector<RoundingSums>> packWeights(ArrayRef<PackedWeight> weights, uint64_t size, ZipWriter &archive,
                                                const ZipWriter::Reservation &entry, const PackOptions &options) {
  Packing packing;
  packing.weights = weights;
  if (Error error = packing.plan(size)) {
    consumeError(std::move(packing.failure));
    return std::move(error);
  }
  std::vector<std::thread> threads;
  for (unsigned i = 1; i < options.threads; ++i)
    threads.emplace_back([&] { work(packing, size, archive, entry, options); });
  work(packing, size, archive, entry, options);
  for (std::thread &thread : threads)
    thread.join();
  if (packing.failure)
    return std::move(packing.failure);

  uint32_t checksum = 0;
  std::vector<RoundingSums> rounding(weights.size());
  for (const Piece &piece : packing.pieces) {
    checksum = crc32_combine(checksum, piece.checksum, off_t(piece.bytes));
    if (piece.weight == Piece::none)
      continue;
    rounding[piece.weight].error += piece.rounding.error;
    rounding[piece.weight].total += piece.rounding.total;
  }
  archive.setChecksum(entry, checksum);
  return rounding;
}

} // namespace tenon::codegen
