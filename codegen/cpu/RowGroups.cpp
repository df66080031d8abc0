//===- RowGroups.cpp - the groups of columns that an op reads whole ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/codegen/cpu/RowGroups.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::codegen;

RowGroups::RowGroups(ElementEmitter &emitter, Value input) : emitter(emitter), b(emitter.b) {
  Span span = emitter.spanOf(input);
  first = span.first;
  size = cast<RankedTensorType>(input.getType()).getShape().back();
  count = size == 0 ? 0 : span.columns / size;
}

Value RowGroups::start(Value group) {
  return b.add(first, b.mul(group, size));
}

Value RowGroups::combine(Value row, Value start, double initial, function_ref<Value(Value sum, Place place)> step,
                         function_ref<Value(Value)> across) {
  RowTeam *team = emitter.team;
  int64_t whole = size / emitter.lanes * emitter.lanes, threads = team ? team->size : 1;
  Value own = team ? b.mul(team->rank, emitter.lanes) : b.index(0);
  Value sum = b.splat(initial, emitter.lanes);
  if (whole > 0)
    sum = b.loop(own, b.index(whole), threads * emitter.lanes, {sum}, [&](Value column, ValueRange carried) {
      return Values{step(carried[0], {row, b.add(start, column), emitter.lanes})};
    })[0];
  if (whole < size && team)
    emitter.wantSingleLane();
  else if (whole < size)
    sum = step(sum, {row, b.add(start, whole), size - whole});
  Value scalar = across(sum);
  if (!team)
    return scalar;
  return team->across(scalar, [&](Value a, Value other) { return across(b.insert(other, b.broadcast(a, 2), 1)); });
}

Value RowGroups::sum(Value row, Value start, function_ref<Value(Value sum, Place place)> step) {
  return combine(row, start, 0, step, [&](Value sum) { return b.reduceAdd(sum); });
}

void RowGroups::forGroups(function_ref<void(Value group)> body) {
  RowTeam *team = emitter.team;
  if (!team || !team->part)
    return b.loop(b.index(0), b.index(count), 1, body);
  emitter.team = team->part;
  b.loop(team->partRank, b.index(count), team->parts, body);
  emitter.team = team;
}

Value RowGroups::sharedScratch(int64_t elements) {
  return emitter.scratch({elements}, b.builder.getF32Type());
}

void RowGroups::keep(Operation *op, Value row, function_ref<Values(Value start)> compute) {
  if (count == 1) {
    for (auto [number, value] : llvm::enumerate(compute(first)))
      emitter.setStatistic(op, row, number, value);
    return;
  }
  Values kept;
  forGroups([&](Value group) {
    for (Value value : compute(start(group))) {
      // Room for whole vectors of statistics, which a reduction's result is read by.
      kept.push_back(sharedScratch(llvm::alignTo(count, emitter.lanes)));
      auto store = [&] { b.store(value, kept.back(), {group}); };
      emitter.team ? b.when(b.same(emitter.team->rank, 0), store) : store();
    }
  });
  emitter.meet();
  for (auto [number, buffer] : llvm::enumerate(kept))
    emitter.setStatistic(op, row, number, buffer);
}

void RowGroups::keep(Operation *op, Value row, function_ref<Values(Value start)> compute,
                     function_ref<Value(Place place, Values statistics)> finish) {
  if (!keepsResults())
    return keep(op, row, compute);
  Value results = sharedScratch(count * size + emitter.lanes);
  forGroups([&](Value group) {
    Values statistics;
    for (Value value : compute(start(group)))
      statistics.push_back(b.broadcast(value, emitter.lanes));
    emitter.forColumns(row, start(group), size, [&](Place place) {
      b.storeFloats(finish(place, statistics), results, {b.sub(place.column, first)}, place.active);
    });
  });
  emitter.meet();
  emitter.setStatistic(op, row, 0, results);
}

Value RowGroups::pull(Operation *op, Place place, int64_t statistics, function_ref<Value(Place place, Values statistics)> finish) {
  if (keepsResults()) {
    Value results = emitter.getScratch(op, place.row, 0);
    return results ? b.loadFloats(results, {b.sub(place.column, first)}, emitter.lanes, emitter.lanes) : b.splat(0, emitter.lanes);
  }
  Values values;
  for (int64_t number = 0; number < statistics; ++number)
    values.push_back(emitter.getStatistic(op, place, number, size));
  return finish(place, values);
}

Place RowGroups::inGroup(Place place) {
  Value column = b.sub(place.column, first);
  return {b.index(0), count == 1 ? column : b.rem(column, size), place.active};
}
