//===- ExpertRules.cpp - tokens to their experts and back, at one place ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A row of what the experts read or make is the K rows of a token one after the other.
//
//===----------------------------------------------------------------------===//

#include "tenon/codegen/cpu/ElementRules.h"
#include "tenon/codegen/cpu/RoutingRow.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::codegen;

/// The routing of an op, an argument; null when it is none, which is reported.
static std::optional<RoutingRow> routingOf(ElementEmitter &emitter, Operation *op, Value routing, Value row) {
  Value buffer = emitter.getArgument(routing);
  if (buffer)
    return RoutingRow{emitter.b, buffer, cast<moe::RoutingType>(routing.getType()), row};
  emitter.fail(op, "expects a routing that is an argument");
  return std::nullopt;
}

static Value pullDispatch(ElementEmitter &emitter, Operation *op, Place place) {
  auto dispatch = cast<moe::DispatchOp>(op);
  LoopBuilder &b = emitter.b;
  int64_t columns = Matrix::of(dispatch.getInput().getType()).columns;
  std::optional<RoutingRow> routing = routingOf(emitter, op, dispatch.getRouting(), place.row);
  if (!routing || !emitter.staysTogether(columns))
    return b.splat(0, emitter.lanes);
  Value element = emitter.pull(dispatch.getInput(), {place.row, b.rem(place.column, columns), place.active});
  if (!dispatch.getWeighted())
    return element;
  return b.fmul(element, b.broadcast(routing->weight(b.div(place.column, columns)), emitter.lanes));
}

static Value pullCombine(ElementEmitter &emitter, Operation *op, Place place) {
  auto combine = cast<moe::CombineOp>(op);
  LoopBuilder &b = emitter.b;
  int64_t columns = Matrix::of(combine.getType()).columns, used = combine.getRouting().getType().getUsed();
  std::optional<RoutingRow> routing = routingOf(emitter, op, combine.getRouting(), place.row);
  if (!routing)
    return b.splat(0, emitter.lanes);
  Value sum;
  for (int64_t j = 0; j < used; ++j) {
    Value part = emitter.pull(combine.getInput(), {place.row, b.add(place.column, j * columns), place.active});
    if (!combine.getUnweighted()) {
      Value weight = b.broadcast(routing->weight(b.index(j)), emitter.lanes);
      sum = sum ? b.fma(weight, part, sum) : b.fmul(weight, part);
    } else {
      sum = sum ? b.fadd(sum, part) : part;
    }
  }
  return sum;
}

static void prepareInput(ElementEmitter &emitter, Operation *op, Value row) {
  emitter.prepare(op->getOperand(0), row);
}

void tenon::codegen::addExpertRules(ElementRules &rules) {
  rules.add<moe::DispatchOp>({pullDispatch, prepareInput, nullptr});
  rules.add<moe::CombineOp>({pullCombine, prepareInput, nullptr});
}
