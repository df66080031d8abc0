//===- KernelWork.cpp - what a kernel reads, writes and multiplies ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/codegen/schedule/KernelWork.h"
#include "tenon/dialects/cache/Cache.h"
#include "tenon/dialects/nn/NN.h"
#include "tenon/dialects/ssm/Ssm.h"
#include "tenon/dialects/tile/Buffer.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::codegen;

namespace {
/// Adds up the work of a kernel, op by op and argument by argument.
class WorkSum {
public:
  WorkSum(int64_t rows, int64_t positions) : rows(rows), positions(positions) {}

  KernelWork work;

  void addArgument(BlockArgument argument);
  void addResult(Type type) { work.writtenBytes += bufferBytes(type); }
  void addOp(Operation &op);

private:
  double bufferBytes(Type type) const;
  double tensorBytes(BlockArgument tensor) const;
  double weightBytes(BlockArgument weight, RankedTensorType type, int64_t bytes) const;
  void addSlot(BlockArgument slot, cache::KvType type);
  int64_t countOf(int64_t size) const { return ShapedType::isDynamic(size) ? rows : size; }
  int64_t elementsOf(RankedTensorType type) const;
  void addLinear(nn::LinearOpInterface linear);
  void addAttention(nn::AttentionOp attention);
  void addRecurrence(ssm::RecurrenceOpInterface recurrence);

  int64_t rows, positions;
};
} // namespace

int64_t WorkSum::elementsOf(RankedTensorType type) const {
  int64_t elements = 1;
  for (int64_t size : type.getShape())
    elements *= countOf(size);
  return elements;
}

double WorkSum::bufferBytes(Type type) const {
  std::optional<tile::BufferSize> size = tile::bufferSize(type);
  return size ? double(countOf(size->rows)) * double(size->rowBytes) : 0;
}

/// Where only slices are taken, those.
double WorkSum::tensorBytes(BlockArgument tensor) const {
  double slices = 0;
  for (Operation *user : tensor.getUsers()) {
    if (!isa<nn::SliceOp>(user))
      return bufferBytes(tensor.getType());
    slices += bufferBytes(user->getResult(0).getType());
  }
  return std::min(slices, bufferBytes(tensor.getType()));
}

/// Of a table of which rows are picked only those, of experts at most those that the rows choose.
double WorkSum::weightBytes(BlockArgument weight, RankedTensorType type, int64_t bytes) const {
  double share = 0;
  int64_t matrices = elementsOf(type) / (type.getShape()[type.getRank() - 1] * type.getShape()[type.getRank() - 2]);
  for (Operation *user : weight.getUsers()) {
    if (isa<nn::EmbeddingOp>(user))
      share = std::max(share, std::min(1.0, double(rows) / double(type.getDimSize(0))));
    else if (auto linear = dyn_cast<nn::LinearOpInterface>(user))
      share = std::max(share, std::min(1.0, double(rows * linear.getMatricesOfRow()) / double(matrices)));
    else
      share = 1;
  }
  return share * double(bytes);
}

void WorkSum::addSlot(BlockArgument slot, cache::KvType type) {
  double position = double(tile::cacheBlock(type).bytes) / tile::cacheBlockPositions;
  for (Operation *user : slot.getUsers()) {
    if (isa<cache::AppendOp>(user))
      work.writtenBytes += position * double(rows);
    else if (isa<cache::ViewOp>(user))
      work.readBytes += position * double(positions + rows);
  }
}

void WorkSum::addArgument(BlockArgument argument) {
  Type type = argument.getType();
  if (auto tensor = dyn_cast<RankedTensorType>(type)) {
    if (std::optional<tile::PanelLayout> panels = tile::panelLayout(tensor))
      work.readBytes += weightBytes(argument, tensor, panels->bytes);
    else
      work.readBytes += tensorBytes(argument);
  } else if (auto slot = dyn_cast<cache::KvType>(type)) {
    addSlot(argument, slot);
  } else if (auto state = dyn_cast<cache::RecurrentType>(type)) {
    double bytes = bufferBytes(state.getTensorType());
    work.readBytes += bytes;
    work.writtenBytes += bytes;
  } else {
    work.readBytes += bufferBytes(type);
  }
}

void WorkSum::addLinear(nn::LinearOpInterface linear) {
  auto weight = cast<RankedTensorType>(linear.getWeightMutable().get().getType());
  ArrayRef<int64_t> shape = weight.getShape();
  double products = 2.0 * double(shape[shape.size() - 1]) * double(shape[shape.size() - 2]) * double(linear.getMatricesOfRow());
  auto result = cast<RankedTensorType>(linear->getResult(0).getType());
  Type input = getElementTypeOrSelf(linear.getInputMutable().get().getType());
  // Two planes of integers are two products.
  double planes = isa<nn::A16Type>(input) ? 2 : 1;
  Arithmetic kind = isa<nn::A8Type, nn::A16Type>(input)         ? Arithmetic::int8
                    : weight.getElementType().isF32()           ? Arithmetic::single
                    : nn::getBlockType(weight.getElementType()) ? Arithmetic::single
                                                                : Arithmetic::half;
  work.of(kind) += planes * products * double(countOf(result.getDimSize(0)));
}

void WorkSum::addAttention(nn::AttentionOp attention) {
  auto query = cast<RankedTensorType>(attention.getQuery().getType());
  auto value = cast<RankedTensorType>(attention.getValue().getType());
  double keys = double(attention.getCausal() ? positions + (rows + 1) / 2 : positions + rows);
  double dims = double(query.getShape().back() + value.getShape().back());
  work.of(Arithmetic::half) += 2 * double(elementsOf(query)) / double(query.getShape().back()) * dims * keys;
}

/// An element of the state is decayed, added to and read: six operations for each row.
void WorkSum::addRecurrence(ssm::RecurrenceOpInterface recurrence) {
  double elements = 0;
  for (Value state : recurrence.getStates())
    elements += double(elementsOf(cast<RankedTensorType>(state.getType())));
  work.of(Arithmetic::single) += 6 * elements * double(rows);
}

void WorkSum::addOp(Operation &op) {
  if (auto linear = dyn_cast<nn::LinearOpInterface>(op))
    return addLinear(linear);
  if (auto attention = dyn_cast<nn::AttentionOp>(op))
    return addAttention(attention);
  if (auto recurrence = dyn_cast<ssm::RecurrenceOpInterface>(op))
    return addRecurrence(recurrence);
  // One operation an element, more or less.
  for (Type type : op.getResultTypes())
    if (auto tensor = dyn_cast<RankedTensorType>(type))
      work.of(Arithmetic::single) += double(elementsOf(tensor));
}

KernelWork tenon::codegen::workOf(tile::KernelOp kernel, int64_t rows, int64_t positions) {
  WorkSum sum(rows, positions);
  for (BlockArgument argument : kernel.getBlock().getArguments())
    sum.addArgument(argument);
  for (Value result : kernel.getYielded())
    sum.addResult(result.getType());
  for (Operation &op : kernel.getBlock().without_terminator())
    sum.addOp(op);
  return sum.work;
}
