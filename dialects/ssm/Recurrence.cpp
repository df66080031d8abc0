//===- Recurrence.cpp - operands of recurrences by name, and their verifier ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mlir/IR/Matchers.h"
#include "tenon/dialects/ssm/Ssm.h"
#include "llvm/ADT/StringMap.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::ssm;

SmallVector<NamedOperand> tenon::ssm::namedOperands(StringRef shapes, function_ref<ValueRange(unsigned)> operandsAt) {
  SmallVector<NamedOperand> operands;
  SmallVector<StringRef> entries;
  shapes.split(entries, ';');
  for (auto [index, entry] : llvm::enumerate(entries)) {
    auto [name, letters] = entry.trim().split(": ");
    for (Value value : operandsAt(index)) {
      NamedOperand operand{name, {}, Role::fixed, value};
      letters.split(operand.dims, ' ');
      if (index + 1 == entries.size())
        operand.role = Role::state;
      else if (operand.dims.front() == "T")
        operand.role = Role::sequence;
      operands.push_back(std::move(operand));
    }
  }
  return operands;
}

SmallVector<Value> tenon::ssm::valuesOf(ArrayRef<NamedOperand> operands, Role role) {
  SmallVector<Value> values;
  for (const NamedOperand &operand : operands)
    if (operand.role == role)
      values.push_back(operand.value);
  return values;
}

Type tenon::ssm::rowsOfStates(ValueRange operands) {
  auto state = cast<RankedTensorType>(operands.back().getType());
  SmallVector<int64_t> shape(state.getShape());
  shape.insert(shape.begin(), cast<RankedTensorType>(operands.front().getType()).getDimSize(0));
  return state.clone(shape);
}

unsigned tenon::ssm::operandNumber(Operation *op, Value operand) {
  return llvm::find(op->getOperands(), operand) - op->operand_begin();
}

int64_t tenon::ssm::rowsOf(Operation *op) {
  for (Value sequence : cast<RecurrenceOpInterface>(op).getSequences())
    if (int64_t rows = cast<RankedTensorType>(sequence.getType()).getDimSize(0); !ShapedType::isDynamic(rows))
      return rows;
  return ShapedType::kDynamic;
}

LogicalResult tenon::ssm::verifyGroups(Operation *op, Value ofHeads, Value ofGroups) {
  int64_t heads = cast<RankedTensorType>(ofHeads.getType()).getDimSize(1),
          groups = cast<RankedTensorType>(ofGroups.getType()).getDimSize(1);
  if (groups < 1 || heads % groups == 0)
    return success();
  return op->emitOpError("expects heads to be a multiple of groups, but got ") << heads << " and " << groups;
}

RankedTensorType tenon::ssm::withRows(Type type, int64_t rows) {
  auto tensor = cast<RankedTensorType>(type);
  SmallVector<int64_t> shape(tensor.getShape());
  shape[0] = rows;
  return tensor.clone(shape);
}

RankedTensorType tenon::ssm::typeInStep(RecurrenceOpInterface op, Value operand) {
  auto type = cast<RankedTensorType>(operand.getType());
  return isa<ScanOp>(*op) ? type : type.clone(Float32Type::get(op.getContext()));
}

Step tenon::ssm::buildStepIn(Block &block, RecurrenceOpInterface op) {
  SmallVector<Value> sequences = op.getSequences(), fixed = op.getFixed(), states = op.getStates();
  for (Value sequence : sequences)
    block.addArgument(withRows(typeInStep(op, sequence), 1), op.getLoc());
  for (Value value : llvm::concat<Value>(fixed, states))
    block.addArgument(typeInStep(op, value), op.getLoc());
  OpBuilder builder(op->getContext()); // the block may stand in no region
  builder.setInsertionPointToEnd(&block);
  ValueRange arguments = block.getArguments();
  return op.buildStep(builder, op.getLoc(), arguments.take_front(sequences.size()), arguments.slice(sequences.size(), fixed.size()),
                      arguments.take_back(states.size()));
}

/// A size as a diagnostic shows it.
static std::string sizeText(int64_t size) {
  return ShapedType::isDynamic(size) ? "?" : std::to_string(size);
}

/// What a letter, a number or K-1 is, as far as it is known.
static int64_t sizeOf(StringRef letter, const llvm::StringMap<int64_t> &sizes) {
  int64_t number;
  if (!letter.getAsInteger(10, number))
    return number;
  bool isLess = letter.consume_back("-1");
  auto known = sizes.find(letter);
  return known == sizes.end() || ShapedType::isDynamic(known->second) ? ShapedType::kDynamic : known->second - isLess;
}

/// "expects dt of shape [T, D] = [?, 64], but got [?, 32]".
static LogicalResult complain(Operation *op, const NamedOperand &operand, const llvm::StringMap<int64_t> &sizes) {
  InFlightDiagnostic diagnostic = op->emitOpError("expects ") << operand.name << " of shape [";
  llvm::interleaveComma(operand.dims, diagnostic);
  diagnostic << "] = [";
  llvm::interleaveComma(operand.dims, diagnostic, [&](StringRef letter) { diagnostic << sizeText(sizeOf(letter, sizes)); });
  return diagnostic << "], but got " << operand.value.getType();
}

/// Checks one operand, and learns the sizes of letters from it.
static LogicalResult checkOperand(Operation *op, const NamedOperand &operand, llvm::StringMap<int64_t> &sizes) {
  ArrayRef<int64_t> shape = cast<RankedTensorType>(operand.value.getType()).getShape();
  if (shape.size() != operand.dims.size()) // see verifyRecurrence
    return complain(op, operand, sizes);
  for (auto [letter, size] : llvm::zip_equal(operand.dims, shape)) {
    int64_t known = sizeOf(letter, sizes);
    if (!ShapedType::isDynamic(known) && !ShapedType::isDynamic(size) && known != size)
      return complain(op, operand, sizes);
    if (ShapedType::isDynamic(size) && letter != "T")
      return complain(op, operand, sizes);
    bool isLetter = letter.size() == 1 && llvm::isAlpha(letter[0]);
    if (isLetter && ShapedType::isDynamic(known))
      sizes[letter] = size;
  }
  return success();
}

// clang-format off
// The constraints that every named recurrence has:
// causal_conv_c1 delta_rule_c1 linear_attention_c1 lru_c1 lti_c1 project_c1 project_whole_c1 selective_scan_c1 shift_c1 ssd_c1 wkv_c1
// causal_conv_c2 delta_rule_c2 linear_attention_c2 lru_c2 lti_c2 project_c2 project_whole_c2 selective_scan_c2 shift_c2 ssd_c2 wkv_c2
// and those with a decay:
// delta_rule_c3 linear_attention_c3 lru_c3 lti_c3 selective_scan_c3 ssd_c3 wkv_c3
// clang-format on
LogicalResult tenon::ssm::verifyRecurrence(Operation *operation) {
  auto op = cast<RecurrenceOpInterface>(operation);
  SmallVector<NamedOperand> operands = op.getNamedOperands();
  llvm::StringMap<int64_t> sizes;
  for (const NamedOperand &operand : operands) {
    if (!operand.dims.empty() && failed(checkOperand(op, operand, sizes))) // c1
      return failure();
    for (StringRef letter : operand.dims)
      if (letter.size() == 1 && letter != "T" && sizeOf(letter, sizes) < 1) // c2
        return op->emitOpError("expects ") << letter << ", a size of " << operand.name << ", to be at least 1, but got "
                                           << sizeOf(letter, sizes);
  }
  for (const NamedOperand &operand : operands) {
    DenseFPElementsAttr values;
    if (operand.name != op.getLogDecayName() || !matchPattern(operand.value, m_Constant(&values)))
      continue;
    for (const APFloat &value : values.getValues<APFloat>())
      if (!(value.convertToDouble() <= 0)) // c3
        return op->emitOpError("expects the logarithms of decays, ")
               << operand.name << ", to be at most 0, but got " << value.convertToDouble();
  }
  return success();
}
