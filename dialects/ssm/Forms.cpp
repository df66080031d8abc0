//===- Forms.cpp - the forms of a recurrence ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/ssm/Forms.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::ssm;

static constexpr std::pair<StringLiteral, Form> forms[] = {
    {"step", Form::step}, {"sequential", Form::sequential}, {"chunked", Form::chunked}, {"prefix", Form::prefix}};

std::optional<Form> tenon::ssm::formOf(StringRef name) {
  for (auto [known, form] : forms)
    if (known == name)
      return form;
  return std::nullopt;
}

StringRef tenon::ssm::nameOf(Form form) {
  return llvm::find_if(forms, [&](auto pair) { return pair.second == form; })->first;
}

/// All rows as a prefix; nothing if the recurrence is not associative.
static std::optional<Step> buildPrefix(OpBuilder &builder, RecurrenceOpInterface op, ValueRange slices, ValueRange fixed,
                                       ValueRange states) {
  Location loc = op.getLoc();
  SmallVector<Value> elements = op.buildElements(builder, loc, slices, fixed);
  if (elements.empty())
    return std::nullopt;
  auto prefix = PrefixOp::create(builder, loc, elements, [&](OpBuilder &inner, ValueRange first, ValueRange second) {
    return op.buildCombine(inner, loc, first, second);
  });
  return op.buildApply(builder, loc, slices, fixed, states, prefix.getResults());
}

using Body = llvm::function_ref<std::optional<Step>(OpBuilder &, ValueRange, ValueRange, ValueRange)>;

/// A scan over the rows, `chunk` at a time, or nothing if `body` builds nothing.
static std::optional<Step> buildScan(OpBuilder &builder, RecurrenceOpInterface op, int64_t chunk, ValueRange slices, ValueRange fixed,
                                     ValueRange states, Body body) {
  bool isBuilt = true;
  int64_t count = cast<RankedTensorType>(slices.front().getType()).getDimSize(0);
  SmallVector<Type> types = llvm::map_to_vector(op.getOutputs(), [&](Value output) -> Type { return withRows(output.getType(), count); });
  auto scan = ScanOp::create(builder, op.getLoc(), types, slices, fixed, states, chunk,
                             [&](OpBuilder &inner, ValueRange rows, ValueRange fixed, ValueRange states) {
                               std::optional<Step> step = body(inner, rows, fixed, states);
                               isBuilt = step.has_value();
                               return step.value_or(Step());
                             });
  if (isBuilt)
    return Step{SmallVector<Value>(scan.getOutputs()), SmallVector<Value>(scan.getNextStates())};
  scan.erase();
  return std::nullopt;
}

std::optional<SmallVector<Value>> tenon::ssm::buildForm(OpBuilder &builder, RecurrenceOpInterface op, ValueRange operands, Form form,
                                                        int64_t chunk, std::string &reason) {
  Location loc = op.getLoc();
  if (auto scan = dyn_cast<ScanOp>(op.getOperation()); scan && (scan.getChunk() != 1 || form == Form::chunked || form == Form::prefix)) {
    reason = "a region of " + std::string(scan.getChunk() == 1 ? "one row" : "many rows") + " is all that is known";
    return std::nullopt;
  }
  Value first = operands[operandNumber(op, op.getSequences().front())];
  if (form == Form::step && cast<RankedTensorType>(first.getType()).getDimSize(0) != 1) {
    reason = "it has other than one row";
    return std::nullopt;
  }
  SmallVector<Value> slices, fixed, states;
  SmallVector<Operation *> conversions;
  for (const NamedOperand &operand : op.getNamedOperands()) {
    Value value = operands[operandNumber(op, operand.value)];
    Type element = typeInStep(op, operand.value).getElementType();
    if (auto type = cast<RankedTensorType>(value.getType()); type.getElementType() != element) {
      value = nn::ConvertOp::create(builder, loc, type.clone(element), value);
      conversions.push_back(value.getDefiningOp());
    }
    SmallVector<Value> &list = operand.role == Role::sequence ? slices : operand.role == Role::fixed ? fixed : states;
    list.push_back(value);
  }
  auto ofOneRow = [&](OpBuilder &inner, ValueRange rows, ValueRange fixed, ValueRange states) -> std::optional<Step> {
    return op.buildStep(inner, loc, rows, fixed, states);
  };
  auto ofManyRows = [&](OpBuilder &inner, ValueRange rows, ValueRange fixed, ValueRange states) {
    std::optional<Step> closed = op.buildChunk(inner, loc, rows, fixed, states);
    return closed ? closed : buildPrefix(inner, op, rows, fixed, states);
  };
  std::optional<Step> built;
  if (form == Form::step)
    built = ofOneRow(builder, slices, fixed, states);
  else if (form == Form::prefix)
    built = buildPrefix(builder, op, slices, fixed, states);
  else
    built = buildScan(builder, op, form == Form::sequential ? 1 : chunk, slices, fixed, states,
                      form == Form::sequential ? Body(ofOneRow) : Body(ofManyRows));
  if (built) {
    llvm::append_range(built->outputs, built->states);
    return std::move(built->outputs);
  }
  for (Operation *conversion : conversions)
    conversion->erase();
  reason = form == Form::prefix ? "it is not associative" : "it has no closed form and is not associative";
  return std::nullopt;
}
