//===- GroupedEmitter.cpp - linears of each row's own expert, and their epilogues ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What goes to an expert is a pair of a token and one of its K choices; pair p is choice p mod K of token p / K. The linears of a kernel
// have one input and one routing, and their results are read at the same columns.
//
// One token: the panels of its K experts, expert by expert, are divided over the threads evenly; nothing else is read of the weights.
//
// Several tokens: each thread counts the pairs of every expert, and takes its share of all panels of all experts, a panel weighing as many
// tiles of rows as its expert has. For each expert it collects the pairs by scanning the routing, which needs no order of tokens in memory
// and no barrier, and lets them stream by each granule of panels: register tiles of rows gathered from wherever the pairs are, then two
// rows at a time, then single ones.
//
//===----------------------------------------------------------------------===//

#include "tenon/codegen/cpu/ContractionTile.h"
#include "tenon/codegen/cpu/GroupedLinears.h"
#include "tenon/codegen/cpu/KernelFrame.h"
#include "tenon/codegen/cpu/RoutingRow.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::codegen;

static constexpr int64_t channels = tile::panelChannels;
/// Pairs that are collected at a time.
static constexpr int64_t mostCollected = 256;
/// Rows up to which a panel takes as long as it takes to read it.
static constexpr int64_t rowsOfRead = 4;

namespace {
/// The shape of a tile: rows, panels of each linear, and streams in registers at once.
struct Shape {
  int64_t rows;
  int64_t panels;
  int64_t streams;
};

/// A pair where its rows are found.
struct Pair {
  Value token;
  Value inputColumn;  ///< of its row of the input
  Value outputColumn; ///< of its row of the results
};

class Grouped : GroupedLinears {
public:
  Grouped(KernelFrame &frame, ElementEmitter &emitter) : frame(frame), emitter(emitter), b(emitter.b) {}
  LogicalResult emit();

private:
  void chooseGranule();
  Pair pairAt(Value pair);
  Value expertOf(Value pair) {
    return RoutingRow{b, emitter.getArgument(routing), routingType, b.div(pair, used)}.expert(b.rem(pair, used));
  }
  void emitOneToken();
  void emitTokens();
  Value countPairs(Value pairs);
  void emitExpert(Value expert, Value count, Value first, Value last);
  void collectPairs(Value expert, Value firstRank);
  void forPanels(Value first, Value last, Shape shape, function_ref<void(Value, Shape)> body);
  void emitRows(Value expert, Value panel, Value rows, Shape shape);
  void emitTileOf(Value expert, Value panel, ArrayRef<Pair> pairs, Shape shape);
  void writePair(Value expert, const Pair &pair, Value sumsRow, Value panel, Shape shape, Value sums);

  KernelFrame &frame;
  ElementEmitter &emitter;
  LoopBuilder &b;

  int64_t granule = 1; ///< panels that are taken together
  Value collected[3];  ///< tokens and columns of the pairs collected, as of a Pair

  int64_t granules() const { return llvm::divideCeil(panels, granule); }
};
} // namespace

//===----------------------------------------------------------------------===//
// What there is
//===----------------------------------------------------------------------===//

void Grouped::chooseGranule() {
  bool writesBlocks = llvm::any_of(frame.sinks, [](const Sink &sink) { return sink.step > channels; });
  int64_t wanted = std::max<int64_t>(1, frame.schedule.getPanels() / int64_t(linears.size()));
  granule = writesBlocks ? tile::activationBlock / channels : panels % wanted == 0 ? wanted : 1;
}

Pair Grouped::pairAt(Value pair) {
  Value choice = b.rem(pair, used);
  return {b.div(pair, used), isDispatched ? Value() : b.mul(choice, depth), b.mul(choice, columns)};
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

LogicalResult Grouped::emit() {
  FailureOr<GroupedLinears> found = collectGroupedLinears(frame.kernel, frame.sinks, emitter);
  if (failed(found))
    return failure();
  static_cast<GroupedLinears &>(*this) = std::move(*found);
  chooseGranule();
  for (Value &list : collected)
    list = b.scratch({mostCollected}, b.builder.getIndexType());
  Value isOne = arith::CmpIOp::create(b.builder, b.loc, arith::CmpIPredicate::eq, emitter.tokens, b.index(1));
  b.choose(isOne, [&] { emitOneToken(); }, [&] { emitTokens(); });
  return success();
}

/// Walks panels by `shape.panels` at a time, and what is left by granules.
void Grouped::forPanels(Value first, Value last, Shape shape, function_ref<void(Value, Shape)> body) {
  Shape rest = shape;
  rest.panels = granule;
  if (shape.panels == granule)
    return b.loop(first, last, granule, [&](Value panel) { body(panel, shape); });
  Value middle = b.add(first, b.mul(b.div(b.sub(last, first), shape.panels), shape.panels));
  b.loop(first, middle, shape.panels, [&](Value panel) { body(panel, shape); });
  b.loop(middle, last, granule, [&](Value panel) { body(panel, rest); });
}

void Grouped::emitOneToken() {
  int64_t streams = frame.schedule.getGemvPanels(), count = linears.size();
  Shape shape{1, int64_t(llvm::alignTo(std::max<int64_t>(1, streams / count), granule)), streams};
  auto [first, last] = b.share(b.index(used * granules()), frame.thread, frame.threads);
  b.loop(b.index(0), b.index(used), 1, [&](Value choice) {
    Value begin = b.mul(choice, granules());
    auto local = [&](Value granuleOfAll) {
      Value from = b.min(b.sub(b.max(granuleOfAll, begin), begin), b.index(granules()));
      return b.min(b.mul(from, granule), b.index(panels));
    };
    Value firstPanel = local(first), lastPanel = local(last);
    b.when(b.less(firstPanel, lastPanel), [&] {
      Value expert = expertOf(choice);
      Pair pair = pairAt(choice);
      forPanels(firstPanel, lastPanel, shape, [&](Value panel, Shape part) { emitTileOf(expert, panel, pair, part); });
    });
  });
}

/// The number of pairs of each expert, in scratch memory.
Value Grouped::countPairs(Value pairs) {
  Value counts = b.scratch({routingType.getExperts()}, b.builder.getIndexType());
  b.loop(b.index(0), b.index(routingType.getExperts()), 1, [&](Value expert) { b.store(b.index(0), counts, {expert}); });
  b.loop(b.index(0), pairs, 1, [&](Value pair) {
    Value expert = expertOf(pair);
    b.store(b.add(b.load(counts, {expert}), 1), counts, {expert});
  });
  return counts;
}

void Grouped::emitTokens() {
  Value counts = countPairs(b.mul(emitter.tokens, used)), experts = b.index(routingType.getExperts());
  // What a granule of an expert weighs.
  auto weightOf = [&](Value count) {
    Value isUsed = b.less(b.index(0), count);
    return Value(arith::SelectOp::create(b.builder, b.loc, isUsed, b.max(count, b.index(rowsOfRead)), b.index(0)));
  };
  Value total = b.loop(b.index(0), experts, 1, {b.index(0)}, [&](Value expert, ValueRange sum) {
    return Values{b.add(sum[0], b.mul(weightOf(b.load(counts, {expert})), granules()))};
  })[0];
  auto [first, last] = b.share(total, frame.thread, frame.threads);
  // A thread does the granules whose weight begins in its part of the whole.
  b.loop(b.index(0), experts, 1, {b.index(0)}, [&, first = first, last = last](Value expert, ValueRange sum) {
    Value begin = sum[0], count = b.load(counts, {expert}), weight = weightOf(count), atLeastOne = b.max(weight, b.index(1));
    auto local = [&](Value place) {
      Value from = b.sub(b.max(place, begin), begin);
      Value granuleOfExpert = b.min(b.div(b.add(from, b.sub(atLeastOne, b.index(1))), atLeastOne), b.index(granules()));
      return b.min(b.mul(granuleOfExpert, granule), b.index(panels));
    };
    Value firstPanel = local(first), lastPanel = local(last);
    Value works = arith::AndIOp::create(b.builder, b.loc, b.less(b.index(0), count), b.less(firstPanel, lastPanel));
    b.when(works, [&] { emitExpert(expert, count, firstPanel, lastPanel); });
    return Values{b.add(begin, b.mul(weight, granules()))};
  });
}

/// Keeps the expert's pairs of ranks `firstRank ... firstRank + mostCollected`.
void Grouped::collectPairs(Value expert, Value firstRank) {
  Value wanted = arith::IndexCastOp::create(b.builder, b.loc, b.builder.getI32Type(), expert), zero = b.index(0);
  b.loop(zero, emitter.tokens, 1, {zero}, [&](Value token, ValueRange outer) {
    return b.loop(zero, b.index(used), 1, outer, [&](Value choice, ValueRange rank) {
      RoutingRow row{b, emitter.getArgument(routing), routingType, token};
      Value own = b.loadAs(Type(b.builder.getI32Type()), row.buffer, {token, row.place(choice, 0)});
      Value isOwn = arith::CmpIOp::create(b.builder, b.loc, arith::CmpIPredicate::eq, own, wanted);
      Value next = b.either(
          isOwn,
          [&] {
            // A rank before the first wraps around to a large place.
            Value place = b.sub(rank[0], firstRank);
            b.when(b.less(place, b.index(mostCollected)), [&] {
              b.store(token, collected[0], {place});
              b.store(isDispatched ? zero : b.mul(choice, depth), collected[1], {place});
              b.store(b.mul(choice, columns), collected[2], {place});
            });
            return b.add(rank[0], 1);
          },
          [&] { return rank[0]; });
      return Values{next};
    });
  });
}

void Grouped::emitExpert(Value expert, Value count, Value first, Value last) {
  Shape shape{frame.schedule.getRows(), granule, frame.schedule.getPanels()};
  b.loop(b.index(0), count, mostCollected, [&](Value firstRank) {
    collectPairs(expert, firstRank);
    Value rows = b.min(b.sub(count, firstRank), b.index(mostCollected));
    b.loop(first, last, granule, [&](Value panel) { emitRows(expert, panel, rows, shape); });
  });
}

/// Lets the pairs collected stream by a granule: in whole tiles, what they leave in pairs of rows and then one by one.
void Grouped::emitRows(Value expert, Value panel, Value rows, Shape shape) {
  SmallVector<Shape> parts = {shape};
  if (shape.rows > 2)
    parts.push_back({2, shape.panels, shape.streams});
  if (shape.rows > 1)
    parts.push_back({1, shape.panels, frame.schedule.getGemvPanels()});
  Value done = b.index(0);
  for (Shape part : parts) {
    Value end = b.add(done, b.mul(b.div(b.sub(rows, done), part.rows), part.rows));
    b.loop(done, end, part.rows, [&](Value row) {
      SmallVector<Pair> pairs;
      for (int64_t r = 0; r < part.rows; ++r) {
        Value at = b.add(row, r);
        pairs.push_back({b.load(collected[0], {at}), isDispatched ? Value() : b.load(collected[1], {at}), b.load(collected[2], {at})});
      }
      emitTileOf(expert, panel, pairs, part);
    });
    done = end;
  }
}

//===----------------------------------------------------------------------===//
// A tile
//===----------------------------------------------------------------------===//

void Grouped::emitTileOf(Value expert, Value panel, ArrayRef<Pair> pairs, Shape shape) {
  int64_t count = linears.size();
  Value sums = b.scratch({shape.rows, count * shape.panels * channels}, b.builder.getF32Type());
  SmallVector<PanelReader> readers;
  for (Operation *op : linears) {
    auto linear = cast<moe::GroupedLinearOp>(op);
    readers.emplace_back(b, cast<RankedTensorType>(linear.getWeight().getType()), emitter.getArgument(linear.getWeight()));
  }
  // Streams in the order of their panels, so that the linears of one panel share registers.
  Value firstPanel = b.add(b.mul(expert, panels), panel);
  SmallVector<Stream> streams;
  for (int64_t p = 0; p < shape.panels; ++p)
    for (int64_t l = 0; l < count; ++l)
      streams.push_back({&readers[l], b.add(firstPanel, p), b.index((l * shape.panels + p) * channels)});
  SmallVector<InputRow> rows;
  for (const Pair &pair : pairs)
    rows.push_back({pair.token, pair.inputColumn});
  ContractionInput from{emitter.getArgument(input), inputType};
  for (ArrayRef<Stream> rest = streams; !rest.empty();) {
    size_t together = 1;
    while (together < rest.size() && int64_t(together) < shape.streams && rest[together].weight->form == rest[0].weight->form &&
           rest[together].weight->element == rest[0].weight->element)
      ++together;
    emitTile(b, from, rows, rest.take_front(together), sums, b.index(0));
    rest = rest.drop_front(together);
  }
  for (auto [r, pair] : llvm::enumerate(pairs))
    writePair(expert, pair, b.index(r), panel, shape, sums);
}

/// Lets the sinks take a pair's columns of some panels.
void Grouped::writePair(Value expert, const Pair &pair, Value sumsRow, Value panel, Shape shape, Value sums) {
  Value firstChannel = b.mul(panel, channels), firstColumn = b.add(pair.outputColumn, firstChannel);
  emitter.forgetRows();
  for (auto [number, op] : llvm::enumerate(linears)) {
    auto linear = cast<moe::GroupedLinearOp>(op);
    int64_t offset = number * shape.panels * channels;
    emitter.bind(linear.getResult(), [=, this](Place place) mutable {
      Value within = b.sub(place.column, firstColumn);
      Value sum = b.loadFloats(sums, {sumsRow, b.add(within, offset)}, channels, channels);
      if (!linear.getBias())
        return sum;
      return b.fadd(sum,
                    b.loadFloats(emitter.getArgument(linear.getBias()), {expert, b.add(firstChannel, within)}, channels, place.active));
    });
  }
  int64_t ragged = columns % channels;
  for (const Sink &sink : frame.sinks) {
    emitter.prepare(sink.value, pair.token);
    for (int64_t column = 0; column < shape.panels * channels; column += sink.step) {
      Value at = b.add(firstColumn, column);
      auto whole = [&] { sink.write(emitter, {pair.token, at, channels}); };
      if (ragged == 0)
        whole();
      else
        b.choose(b.less(b.add(firstChannel, column), b.index(columns / channels * channels)), whole,
                 [&] { sink.write(emitter, {pair.token, at, ragged}); });
    }
  }
}

LogicalResult tenon::codegen::emitGrouped(KernelFrame &frame, ElementEmitter &emitter) {
  if (!frame.schedule || frame.schedule.getRows() < 1 || frame.schedule.getPanels() < 1 || frame.schedule.getGemvPanels() < 1)
    return frame.kernel.emitError("kernel for a CPU: expects a schedule with rows, panels and gemv_panels");
  return Grouped(frame, emitter).emit();
}
