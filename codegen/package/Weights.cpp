//===- Weights.cpp - streams parameters from files into an artifact ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The packed file is cut into pieces whose place and size are known before anything is read. Threads take pieces from a counter, read
// the rows they need (a read, not a mapping: a file that shrinks under us is an error message), pack them and write them at their place. A
// piece's checksum is joined with the others at the end.
//
//===----------------------------------------------------------------------===//

#include "tenon/codegen/package/Weights.h"

#include "tenon/codegen/package/Panels.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <mutex>
#include <thread>
#include <unistd.h>
#include <zlib.h>

using namespace llvm;

namespace tenon::codegen {

namespace {
constexpr uint64_t pieceTarget = 1 << 20;

/// Part of the packed file that one thread makes at once.
struct Piece {
  const PackedWeight *weight; ///< null: zeros
  uint64_t offset, bytes;     ///< in the packed file
  uint64_t sourceOffset, sourceBytes;
  int64_t channels; ///< panels: channels present in this piece
  uint32_t checksum = 0;
};

/// Files opened for reading, by path; they are closed with the object.
class SourceFiles {
public:
  ~SourceFiles() {
    for (auto &entry : descriptors)
      close(entry.second);
  }
  Error open(StringRef path) {
    if (descriptors.contains(path))
      return Error::success();
    int descriptor = ::open(path.str().c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
      return createStringError("cannot read '" + path + "': " + std::strerror(errno));
    descriptors[path] = descriptor;
    return Error::success();
  }
  Error read(StringRef path, uint64_t offset, MutableArrayRef<uint8_t> bytes) const {
    int descriptor = descriptors.lookup(path);
    while (!bytes.empty()) {
      ssize_t count = pread(descriptor, bytes.data(), bytes.size(), off_t(offset));
      if (count < 0 && errno == EINTR)
        continue;
      if (count < 0)
        return createStringError("cannot read '" + path + "': " + std::strerror(errno));
      if (count == 0)
        return createStringError("'" + path + "' ends at byte " + Twine(offset) + ", inside a parameter");
      bytes = bytes.drop_front(count);
      offset += count;
    }
    return Error::success();
  }

private:
  StringMap<int> descriptors;
};

/// The state the threads share.
struct Packing {
  std::vector<Piece> pieces;
  SourceFiles files;
  std::atomic<size_t> next = 0;
  std::mutex lock; ///< guards written and failure, and serialises progress
  uint64_t written = 0;
  Error failure = Error::success();
};
} // namespace

static void addZeros(std::vector<Piece> &pieces, uint64_t from, uint64_t to) {
  for (uint64_t at = from; at < to; at += pieceTarget)
    pieces.push_back({nullptr, at, std::min(pieceTarget, to - at), 0, 0, 0});
}

static void addPlain(std::vector<Piece> &pieces, const PackedWeight &weight) {
  for (uint64_t at = 0; at < weight.bytes; at += pieceTarget) {
    uint64_t bytes = std::min(pieceTarget, weight.bytes - at);
    pieces.push_back({&weight, weight.offset + at, bytes, weight.sourceOffset + at, bytes, 0});
  }
}

static Error addPanels(std::vector<Piece> &pieces, const PackedWeight &weight) {
  const PanelFormat *format = findPanelFormat(weight.format);
  if (!format || weight.shape.size() != 2)
    return createStringError("'" + weight.name + "' of format " + weight.format + " has no panel layout");
  int64_t channels = weight.shape[0], columns = weight.shape[1];
  uint64_t rowBytes = format->rowBytes(columns), panelBytes = format->panelBytes(columns);
  uint64_t panels = divideCeil(channels, panelChannels);
  if (columns % format->blockElements != 0 || weight.bytes != panels * panelBytes || weight.sourceBytes != channels * rowBytes)
    return createStringError("'" + weight.name + "' has a size that doesn't fit its shape");
  uint64_t step = std::max<uint64_t>(1, pieceTarget / std::max<uint64_t>(1, panelBytes));
  for (uint64_t panel = 0; panel < panels; panel += step) {
    uint64_t count = std::min(step, panels - panel), first = panel * panelChannels;
    uint64_t present = std::min<uint64_t>(count * panelChannels, channels - first);
    pieces.push_back({&weight, weight.offset + panel * panelBytes, count * panelBytes, weight.sourceOffset + first * rowBytes,
                      present * rowBytes, int64_t(present)});
  }
  return Error::success();
}

static Error planPieces(ArrayRef<PackedWeight> weights, uint64_t size, Packing &packing) {
  uint64_t end = 0;
  for (const PackedWeight &weight : weights) {
    if (weight.offset < end || weight.offset + weight.bytes > size)
      return createStringError("'" + weight.name + "' lies outside of its place in the packed weights");
    if (Error error = packing.files.open(weight.source))
      return error;
    addZeros(packing.pieces, end, weight.offset);
    if (weight.panels) {
      if (Error error = addPanels(packing.pieces, weight))
        return error;
    } else {
      if (weight.bytes != weight.sourceBytes)
        return createStringError("'" + weight.name + "' has a size that doesn't fit its shape");
      addPlain(packing.pieces, weight);
    }
    end = weight.offset + weight.bytes;
  }
  addZeros(packing.pieces, end, size);
  return Error::success();
}

/// Reads and packs one piece into `packed`; `source` is scratch.
static Error makePiece(const Piece &piece, const SourceFiles &files, std::vector<uint8_t> &source, std::vector<uint8_t> &packed) {
  packed.resize(piece.bytes);
  if (!piece.weight) {
    std::fill(packed.begin(), packed.end(), 0);
    return Error::success();
  }
  const PackedWeight &weight = *piece.weight;
  if (!weight.panels)
    return files.read(weight.source, piece.sourceOffset, packed);
  source.resize(piece.sourceBytes);
  if (Error error = files.read(weight.source, piece.sourceOffset, source))
    return error;
  const PanelFormat &format = *findPanelFormat(weight.format);
  int64_t columns = weight.shape[1];
  uint64_t rowBytes = format.rowBytes(columns), panelBytes = format.panelBytes(columns);
  for (int64_t channel = 0, panel = 0; channel < piece.channels; channel += panelChannels, ++panel)
    packPanel(format, source.data() + channel * rowBytes, std::min(panelChannels, piece.channels - channel), columns,
              packed.data() + panel * panelBytes);
  return Error::success();
}

static void work(Packing &packing, uint64_t size, const ZipWriter &archive, const ZipWriter::Reservation &entry,
                 const PackOptions &options) {
  std::vector<uint8_t> source, packed;
  for (size_t index; (index = packing.next++) < packing.pieces.size();) {
    Piece &piece = packing.pieces[index];
    Error error = makePiece(piece, packing.files, source, packed);
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

Error packWeights(ArrayRef<PackedWeight> weights, uint64_t size, ZipWriter &archive, const ZipWriter::Reservation &entry,
                  const PackOptions &options) {
  Packing packing;
  if (Error error = planPieces(weights, size, packing)) {
    consumeError(std::move(packing.failure));
    return error;
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
  for (const Piece &piece : packing.pieces)
    checksum = crc32_combine(checksum, piece.checksum, off_t(piece.bytes));
  archive.setChecksum(entry, checksum);
  return Error::success();
}

} // namespace tenon::codegen
