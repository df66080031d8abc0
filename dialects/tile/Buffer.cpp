//===- Buffer.cpp - how values lie in memory ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/tile/Buffer.h"

#include "tenon/dialects/common/RecordTypeInterface.h"
#include "tenon/dialects/nn/BlockCodec.h"
#include "tenon/dialects/nn/NN.h"
#include "tenon/dialects/tile/Tile.h"
#include "llvm/Support/MathExtras.h"
#include <utility>

using namespace mlir;
using namespace tenon;
using namespace tenon::tile;

/// The form of a block type of weights, or null.
static const BlockForm *formOf(BlockQuantizedTypeInterface type) {
  const BlockCodec *codec = findBlockCodec(type.getFormatName());
  return codec ? codec->form : nullptr;
}

/// The product of all dimensions but the first, dynamic if one of them is.
static int64_t elementsOfRow(RankedTensorType type) {
  int64_t count = 1;
  for (int64_t size : type.getShape().drop_front()) {
    if (ShapedType::isDynamic(size))
      return ShapedType::kDynamic;
    count *= size;
  }
  return count;
}

static bool isActivation(Type elementType) {
  return isa<nn::A8Type, nn::A16Type>(elementType);
}

/// The bytes of a quantised tensor in its file's form.
static std::optional<int64_t> blockBytes(RankedTensorType type) {
  auto block = nn::getBlockType(type);
  if (!block || !type.hasStaticShape() || type.getShape().back() % block.getBlockElements() != 0)
    return std::nullopt;
  return type.getNumElements() / block.getBlockElements() * block.getBlockBytes();
}

static Type tensorBuffer(RankedTensorType type) {
  Type bytes = IntegerType::get(type.getContext(), 8);
  if (type.getEncoding()) {
    std::optional<PanelLayout> layout = panelLayout(type);
    return layout ? MemRefType::get({layout->bytes}, bytes) : Type();
  }
  if (isActivation(type.getElementType())) {
    std::optional<ActivationRow> row = activationRow(type);
    return row ? MemRefType::get({type.getDimSize(0), row->bytes}, bytes) : Type();
  }
  if (nn::getBlockType(type)) {
    std::optional<int64_t> size = blockBytes(type);
    return size ? MemRefType::get({*size}, bytes) : Type();
  }
  if (!type.getElementType().isIntOrFloat())
    return {};
  if (type.getRank() < 2)
    return MemRefType::get({type.getRank() == 0 ? 1 : type.getDimSize(0)}, type.getElementType());
  return MemRefType::get({type.getDimSize(0), elementsOfRow(type)}, type.getElementType());
}

Type tile::bufferType(Type type) {
  if (isa<IndexType>(type))
    return type;
  if (auto tensor = dyn_cast<RankedTensorType>(type))
    return tensorBuffer(tensor);
  if (auto record = dyn_cast<RecordTypeInterface>(type))
    return MemRefType::get({ShapedType::kDynamic, record.getRecordBytes()}, IntegerType::get(type.getContext(), 8));
  if (auto recurrent = dyn_cast<cache::RecurrentType>(type))
    return tensorBuffer(recurrent.getTensorType());
  if (isa<cache::SlotTypeInterface>(type))
    return MemRefType::get({ShapedType::kDynamic}, IntegerType::get(type.getContext(), 8));
  return {};
}

std::optional<BufferSize> tile::bufferSize(Type type) {
  auto buffer = dyn_cast_or_null<MemRefType>(bufferType(type));
  if (!buffer)
    return std::nullopt;
  int64_t elementBytes = llvm::divideCeil(buffer.getElementTypeBitWidth(), 8);
  if (buffer.getRank() == 1) {
    if (buffer.isDynamicDim(0))
      return BufferSize{ShapedType::kDynamic, elementBytes};
    return BufferSize{1, buffer.getDimSize(0) * elementBytes};
  }
  if (buffer.isDynamicDim(1))
    return std::nullopt;
  return BufferSize{buffer.getDimSize(0), buffer.getDimSize(1) * elementBytes};
}

std::optional<ActivationRow> tile::activationRow(RankedTensorType type) {
  if (!isActivation(type.getElementType()) || type.getRank() < 2 || ShapedType::isDynamic(elementsOfRow(type)) ||
      type.getShape().back() % activationBlock != 0)
    return std::nullopt;
  bool twoPlanes = isa<nn::A16Type>(type.getElementType());
  int64_t elements = elementsOfRow(type);
  int64_t blockWords = elements / activationBlock * 4, end = (twoPlanes ? 2 : 1) * elements;
  ActivationRow row{0, twoPlanes ? elements : -1, end, end + blockWords, -1, -1, -1, 0};
  end += 2 * blockWords;
  auto place = [&] { return std::exchange(end, end + blockWords); };
  if (twoPlanes)
    row.lowSums = place();
  row.firstSums = place();
  if (twoPlanes)
    row.lowFirstSums = place();
  row.bytes = llvm::alignTo(end, bufferAlignment);
  return row;
}

std::optional<PanelLayout> tile::panelLayout(RankedTensorType type) {
  if (!isa_and_nonnull<PanelsAttr>(type.getEncoding()) || !hasPanelForm(type))
    return std::nullopt;
  int64_t columns = type.getShape().back(), matrices = type.getRank() == 3 ? type.getDimSize(0) : 1;
  int64_t panels = llvm::divideCeil(type.getShape()[type.getRank() - 2], panelChannels);
  PanelLayout layout;
  if (auto block = nn::getBlockType(type))
    static_cast<PanelBlock &>(layout) = panelBlock(*formOf(block), block.getBlockElements());
  else
    layout.blockBytes = panelChannels * type.getElementTypeBitWidth() / 8;
  layout.panels = panels;
  layout.panelBytes = columns / layout.blockElements * layout.blockBytes;
  layout.bytes = matrices * layout.panels * layout.panelBytes;
  return layout;
}

bool tile::hasPanelForm(RankedTensorType type) {
  constexpr int64_t mostElements = int64_t(1) << 48; // No sum of sizes overflows below.
  if ((type.getRank() != 2 && type.getRank() != 3) || !type.hasStaticShape())
    return false;
  int64_t elements = 1;
  for (int64_t size : type.getShape())
    if (size > mostElements / elements)
      return false;
    else
      elements *= std::max<int64_t>(1, size);
  if (auto block = nn::getBlockType(type))
    return formOf(block) && type.getShape().back() % block.getBlockElements() == 0;
  return isa<Float32Type, Float16Type, BFloat16Type>(type.getElementType());
}

CacheBlock tile::cacheBlock(cache::KvType type) {
  int64_t plane = cacheBlockPositions * type.getDim() * (type.getElementType().getIntOrFloatBitWidth() / 8);
  int64_t planes = type.getLatent() ? 1 : 2;
  return {planes * plane, plane, type.getHeads() * planes * plane};
}
