//===- KernelArguments.cpp - values as the evaluator and as kernels see them ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "KernelArguments.h"
#include "tenon/codegen/package/Panels.h"
#include "tenon/dialects/nn/BlockCodec.h"
#include "tenon/dialects/nn/NN.h"
#include <cstdlib>
#include <cstring>

using namespace mlir;
using namespace tenon;
using namespace tenon::test;

static constexpr size_t guardBytes = 64;
static constexpr uint8_t guardByte = 0xa5;

Buffer::Buffer(size_t size, uint8_t fill) : count(size) {
  size_t all = llvm::alignTo(size, 64) + guardBytes;
  bytes.reset(static_cast<uint8_t *>(std::aligned_alloc(64, all)), std::free);
  std::memset(bytes.get(), fill, size);
  std::memset(bytes.get() + size, guardByte, all - size);
}

bool Buffer::guardIsIntact() const {
  return std::all_of(bytes.get() + count, bytes.get() + llvm::alignTo(count, 64) + guardBytes,
                     [](uint8_t byte) { return byte == guardByte; });
}

/// The shape with the dynamic dimensions set to `tokens`.
static SmallVector<int64_t> shapeOf(RankedTensorType type, int64_t tokens) {
  return llvm::map_to_vector(type.getShape(), [&](int64_t size) { return ShapedType::isDynamic(size) ? tokens : size; });
}

static int64_t product(ArrayRef<int64_t> shape) {
  return std::accumulate(shape.begin(), shape.end(), int64_t(1), std::multiplies<>());
}

size_t tenon::test::bufferBytes(Type type, int64_t tokens) {
  if (auto slot = dyn_cast<cache::KvType>(type))
    return llvm::divideCeil(tokens, tile::cacheBlockPositions) * tile::cacheBlock(slot).bytes;
  if (auto slot = dyn_cast<cache::RecurrentType>(type))
    type = slot.getTensorType();
  auto tensor = cast<RankedTensorType>(type);
  if (std::optional<tile::PanelLayout> layout = tile::panelLayout(tensor))
    return layout->bytes;
  if (std::optional<tile::ActivationRow> row = tile::activationRow(tensor))
    return shapeOf(tensor, tokens)[0] * row->bytes;
  return product(shapeOf(tensor, tokens)) * tensor.getElementTypeBitWidth() / 8;
}

//===----------------------------------------------------------------------===//
// Elements
//===----------------------------------------------------------------------===//

template <typename T> static T readAs(const uint8_t *bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}
template <typename T> static void writeAs(uint8_t *bytes, T value) {
  std::memcpy(bytes, &value, sizeof value);
}

static double readElement(Type type, const uint8_t *bytes) {
  if (type.isF32())
    return readAs<float>(bytes);
  if (type.isInteger(32))
    return readAs<int32_t>(bytes);
  llvm::APInt bits(16, readAs<uint16_t>(bytes));
  return llvm::APFloat(cast<FloatType>(type).getFloatSemantics(), bits).convertToDouble();
}

static void writeElement(Type type, double value, uint8_t *bytes) {
  if (type.isF32())
    return writeAs<float>(bytes, float(value));
  if (type.isInteger(32))
    return writeAs<int32_t>(bytes, int32_t(value));
  llvm::APFloat number(value);
  bool loses;
  number.convert(cast<FloatType>(type).getFloatSemantics(), llvm::APFloat::rmNearestTiesToEven, &loses);
  writeAs<uint16_t>(bytes, number.bitcastToAPInt().getZExtValue());
}

//===----------------------------------------------------------------------===//
// Activations
//===----------------------------------------------------------------------===//

/// The elements of a row, which may be of several heads.
static int64_t columnsOf(RankedTensorType type) {
  return product(type.getShape().drop_front());
}

/// Writes rounded activations and returns the values that they stand for.
static std::vector<double> writeActivations(RankedTensorType type, ArrayRef<double> values, uint8_t *bytes) {
  tile::ActivationRow row = *tile::activationRow(type);
  int64_t columns = columnsOf(type), rows = values.size() / columns;
  bool twoPlanes = row.low >= 0;
  std::vector<double> rounded;
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t block = 0; block < columns / 32; ++block) {
      float amax = 0;
      for (int64_t i = 0; i < 32; ++i)
        amax = std::max(amax, std::fabs(float(values[r * columns + block * 32 + i])));
      float d = amax / (twoPlanes ? 32512 : 127), inverse = d == 0 ? 0 : 1 / d;
      int32_t sum = 0, lowSum = 0;
      uint8_t *at = bytes + r * row.bytes, stored[2];
      writeElement(Float16Type::get(type.getContext()), d, stored);
      float kept = twoPlanes ? d : float(readElement(Float16Type::get(type.getContext()), stored));
      for (int64_t i = 0; i < 32; ++i) {
        float x = float(values[r * columns + block * 32 + i]);
        int32_t q = int32_t(std::round(twoPlanes ? (d == 0 ? 0 : x / d) : x * inverse));
        int32_t high = twoPlanes ? (q + 128) >> 8 : q, low = q - 256 * high;
        at[row.values + block * 32 + i] = uint8_t(high);
        sum += high;
        if (twoPlanes) {
          at[row.low + block * 32 + i] = uint8_t(low);
          lowSum += low;
        }
        rounded.push_back(double(kept) * q);
        if (i == 15) {
          writeAs<int32_t>(at + row.firstSums + block * 4, sum);
          if (twoPlanes)
            writeAs<int32_t>(at + row.lowFirstSums + block * 4, lowSum);
        }
      }
      writeAs<float>(at + row.scales + block * 4, kept);
      writeAs<int32_t>(at + row.sums + block * 4, sum);
      if (twoPlanes)
        writeAs<int32_t>(at + row.lowSums + block * 4, lowSum);
    }
  return rounded;
}

static std::vector<double> readActivations(RankedTensorType type, const uint8_t *bytes, int64_t rows) {
  tile::ActivationRow row = *tile::activationRow(type);
  std::vector<double> values;
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t i = 0; i < columnsOf(type); ++i) {
      const uint8_t *at = bytes + r * row.bytes;
      double q = int8_t(at[row.values + i]);
      if (row.low >= 0)
        q = 256 * q + int8_t(at[row.low + i]);
      values.push_back(q * readAs<float>(at + row.scales + i / 32 * 4));
    }
  return values;
}

//===----------------------------------------------------------------------===//
// Arguments
//===----------------------------------------------------------------------===//

KernelArgument tenon::test::tensorArgument(RankedTensorType type, int64_t tokens, std::vector<double> values) {
  Buffer buffer(bufferBytes(type, tokens));
  SmallVector<int64_t> shape = shapeOf(type, tokens);
  if (tile::activationRow(type)) {
    values = writeActivations(type, values, buffer.data());
  } else {
    size_t bytes = type.getElementTypeBitWidth() / 8;
    for (size_t i = 0; i < values.size(); ++i) {
      writeElement(type.getElementType(), values[i], buffer.data() + i * bytes);
      values[i] = readElement(type.getElementType(), buffer.data() + i * bytes);
    }
  }
  return {type, EvalTensor::dense(shape, std::move(values)), buffer};
}

static KernelArgument randomWeight(RankedTensorType type, std::mt19937 &random) {
  int64_t matrices = type.getRank() == 3 ? type.getDimSize(0) : 1, channels = type.getDimSize(type.getRank() - 2);
  int64_t rows = matrices * channels, columns = type.getShape().back();
  auto block = nn::getBlockType(type);
  StringRef name = block ? block.getFormatName() : type.getElementType().isF32() ? "f32" : type.getElementType().isF16() ? "f16" : "bf16";
  const codegen::PanelFormat &format = *codegen::findPanelFormat(name);
  auto file = std::make_shared<std::vector<uint8_t>>(rows * format.rowBytes(columns) + 1);
  std::uniform_real_distribution<float> numbers(-1, 1);
  for (int64_t i = 0; i < rows * columns; i += format.blockElements) {
    uint8_t *at = file->data() + i / format.blockElements * format.blockBytes;
    if (!block) {
      writeElement(type.getElementType(), numbers(random), at);
      continue;
    }
    float values[256];
    for (int64_t first = 0; first < format.blockElements; first += 16) {
      float size = 0.1f + std::fabs(numbers(random)), middle = numbers(random) * 0.3f;
      for (int64_t e = first; e < first + 16; ++e)
        values[e] = middle + size * numbers(random);
    }
    findBlockCodec(name)->encode(values, at);
  }
  Buffer packed(tile::panelLayout(type)->bytes);
  uint8_t *panel = packed.data();
  for (int64_t matrix = 0; matrix < matrices; ++matrix)
    for (int64_t row = 0; row < channels; row += 16, panel += format.panelBytes(columns))
      codegen::packPanel(format, file->data() + (matrix * channels + row) * format.rowBytes(columns), std::min<int64_t>(16, channels - row),
                         columns, panel);
  size_t size = rows * format.rowBytes(columns);
  return {type, EvalTensor::mapped(type.getShape(), type.getElementType(), file->data(), size, file), packed};
}

static uint8_t *slotAddress(cache::KvType type, const Buffer &buffer, bool isKey, int64_t position, int64_t head, int64_t element) {
  tile::CacheBlock block = tile::cacheBlock(type);
  int64_t bytes = type.getElementType().getIntOrFloatBitWidth() / 8, within = position % 64;
  int64_t place = isKey ? element * 64 + within : within * type.getDim() + element;
  return buffer.data() + position / 64 * block.bytes + head * block.headBytes + (isKey ? 0 : block.valueOffset) + place * bytes;
}

double tenon::test::readSlot(cache::KvType type, const Buffer &buffer, bool isKey, int64_t position, int64_t head, int64_t element) {
  return readElement(type.getElementType(), slotAddress(type, buffer, isKey, position, head, element));
}

static KernelArgument randomSlot(cache::KvType type, int64_t tokens, int64_t position, std::mt19937 &random) {
  // Places that hold no position are filled with what reads as not a number, which must not matter.
  Buffer buffer(bufferBytes(type, position + tokens), 0xff);
  auto state = std::make_shared<EvalState>();
  state->length = position;
  state->planes.resize(type.getLatent() ? 1 : 2);
  std::uniform_real_distribution<double> numbers(-1, 1);
  for (bool isKey : {true, false})
    for (int64_t p = 0; p < position && (isKey || !type.getLatent()); ++p)
      for (int64_t head = 0; head < type.getHeads(); ++head)
        for (int64_t element = 0; element < type.getDim(); ++element) {
          uint8_t *at = slotAddress(type, buffer, isKey, p, head, element);
          writeElement(type.getElementType(), numbers(random), at);
          state->planes[isKey ? 0 : 1].push_back(readElement(type.getElementType(), at));
        }
  return {type, state, buffer};
}

static KernelArgument randomSlot(cache::RecurrentType type, int64_t tokens, int64_t position, std::mt19937 &random) {
  KernelArgument held = randomArgument(type.getTensorType(), tokens, position, random);
  std::shared_ptr<EvalState> state = cache::emptyState(type);
  state->length = position;
  state->planes.front() = readBuffer(type.getTensorType(), held.buffer, tokens);
  return {type, state, held.buffer};
}

KernelArgument tenon::test::randomArgument(Type type, int64_t tokens, int64_t position, std::mt19937 &random) {
  if (isa<IndexType>(type))
    return {type, EvalValue(position)};
  if (auto slot = dyn_cast<cache::KvType>(type))
    return randomSlot(slot, tokens, position, random);
  if (auto slot = dyn_cast<cache::RecurrentType>(type))
    return randomSlot(slot, tokens, position, random);
  auto tensor = cast<RankedTensorType>(type);
  if (tensor.getEncoding())
    return randomWeight(tensor, random);
  std::vector<double> values(product(shapeOf(tensor, tokens)));
  std::uniform_real_distribution<double> numbers(-1, 1);
  std::uniform_int_distribution<int> words(0, 31);
  for (double &value : values)
    value = tensor.getElementType().isInteger() ? words(random) : numbers(random);
  return tensorArgument(tensor, tokens, std::move(values));
}

std::vector<double> tenon::test::readBuffer(RankedTensorType type, const Buffer &buffer, int64_t tokens) {
  SmallVector<int64_t> shape = shapeOf(type, tokens);
  if (tile::activationRow(type))
    return readActivations(type, buffer.data(), shape[0]);
  std::vector<double> values(product(shape));
  for (size_t i = 0; i < values.size(); ++i)
    values[i] = readElement(type.getElementType(), buffer.data() + i * (type.getElementTypeBitWidth() / 8));
  return values;
}
