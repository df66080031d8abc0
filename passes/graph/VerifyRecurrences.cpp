//===- VerifyRecurrences.cpp - the forms of recurrences proven equal ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// For each op a module of its own is made, with the op in one function and each form in another. The evaluator runs them on the same
// values; what the op itself gives, which is its step row by row, is the measure. A state to begin with is one that random rows have led to
// from zeros, so that it is one that the recurrence can be in.
//

#include "tenon/passes/graph/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "tenon/dialects/common/Eval.h"
#include "tenon/dialects/ssm/Forms.h"
#include "llvm/Support/Format.h"
#include <random>

namespace tenon {
#define GEN_PASS_DEF_VERIFYRECURRENCESPASS
#include "tenon/passes/graph/Passes.h.inc"
} // namespace tenon

using namespace mlir;
using namespace tenon;

namespace {
/// A form of the op, in a function of its module.
struct Candidate {
  std::string name;
  ssm::Form form;
  int64_t chunk;
  int64_t sequences = 0; ///< compared
  double error = 0;
};

/// One recurrence and its forms.
class Proof {
public:
  explicit Proof(ssm::RecurrenceOpInterface op) : op(op), operands(op.getNamedOperands()), module(ModuleOp::create(op.getLoc())) {}

  void addForms(ArrayRef<int64_t> chunks);
  LogicalResult compare(ArrayRef<int64_t> lengths);
  void print(raw_ostream &out) const;

  double largestError() const;

private:
  func::FuncOp addFunction(StringRef name, int64_t rows);
  void addForm(StringRef name, ssm::Form form, int64_t chunk, int64_t rows);
  std::optional<EvalTensor> sample(const ssm::NamedOperand &operand, int64_t rows, std::pair<double, double> decays);
  LogicalResult compareRows(int64_t rows, std::pair<double, double> decays);
  LogicalResult compareWith(Candidate &candidate, ArrayRef<EvalValue> arguments, const EvalValues &expected, ArrayRef<int64_t> pieces);

  ssm::RecurrenceOpInterface op;
  SmallVector<ssm::NamedOperand> operands;
  OwningOpRef<ModuleOp> module;
  std::optional<Evaluator> evaluator; ///< of the module when all forms are in it
  std::vector<Candidate> candidates;
  std::vector<std::string> absent; ///< forms that the op has not, and why
  std::mt19937 random{20};
};
} // namespace

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

/// A function of the op's operands, of any number of rows or of as many as are said.
func::FuncOp Proof::addFunction(StringRef name, int64_t rows) {
  SmallVector<Type> types;
  for (Value value : op->getOperands()) {
    bool isSequence = llvm::is_contained(op.getSequences(), value);
    types.push_back(isSequence ? ssm::withRows(value.getType(), rows) : value.getType());
  }
  OpBuilder builder = OpBuilder::atBlockEnd(module->getBody());
  auto function = func::FuncOp::create(builder, op.getLoc(), name, builder.getFunctionType(types, {}));
  function.addEntryBlock();
  return function;
}

static void finish(func::FuncOp function, ValueRange results) {
  OpBuilder builder = OpBuilder::atBlockEnd(&function.getBody().front());
  func::ReturnOp::create(builder, function.getLoc(), results);
  function.setFunctionType(builder.getFunctionType(function.getArgumentTypes(), TypeRange(results)));
}

void Proof::addForm(StringRef name, ssm::Form form, int64_t chunk, int64_t rows) {
  func::FuncOp function = addFunction(name, rows);
  OpBuilder builder = OpBuilder::atBlockEnd(&function.getBody().front());
  std::string reason;
  std::optional<SmallVector<Value>> made = ssm::buildForm(builder, op, function.getArguments(), form, chunk, reason);
  if (!made) {
    function.erase();
    if (!llvm::is_contained(absent, (ssm::nameOf(form) + ": " + reason).str()))
      absent.push_back((ssm::nameOf(form) + ": " + reason).str());
    return;
  }
  finish(function, *made);
  candidates.push_back({name.str(), form, chunk});
}

void Proof::addForms(ArrayRef<int64_t> chunks) {
  func::FuncOp itself = addFunction("op", ShapedType::kDynamic);
  OpBuilder builder = OpBuilder::atBlockEnd(&itself.getBody().front());
  IRMapping mapping;
  mapping.map(op->getOperands(), itself.getArguments());
  Operation *clone = builder.clone(*op, mapping);
  for (unsigned i = 0; i < op.getOutputs().size(); ++i)
    clone->getResult(i).setType(ssm::withRows(clone->getResult(i).getType(), ShapedType::kDynamic));
  finish(itself, clone->getResults());

  addForm("step", ssm::Form::step, 1, /*rows=*/1);
  addForm("sequential", ssm::Form::sequential, 1, ShapedType::kDynamic);
  for (int64_t chunk : chunks)
    addForm("chunked" + std::to_string(chunk), ssm::Form::chunked, chunk, ShapedType::kDynamic);
  addForm("prefix", ssm::Form::prefix, 0, ShapedType::kDynamic);
  evaluator.emplace(*module);
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

std::optional<EvalTensor> Proof::sample(const ssm::NamedOperand &operand, int64_t rows, std::pair<double, double> decays) {
  auto type = cast<RankedTensorType>(operand.value.getType());
  SmallVector<int64_t> shape(type.getShape());
  if (operand.role == ssm::Role::sequence)
    shape[0] = rows;
  if (llvm::is_contained(shape, ShapedType::kDynamic))
    return std::nullopt;
  EvalTensor tensor = EvalTensor::dense(shape);
  if (operand.role == ssm::Role::state)
    return tensor;
  bool isDecay = !operand.name.empty() && operand.name == op.getLogDecayName();
  auto [least, most] = isDecay ? decays : op.getSampleRange(operand.name);
  std::uniform_real_distribution<double> distribution(least, most);
  for (double &value : tensor.values())
    value = distribution(random);
  return tensor;
}

static double relativeError(ArrayRef<double> values, ArrayRef<double> expected) {
  double error = 0, largest = 1e-300;
  for (auto [a, b] : llvm::zip_equal(values, expected)) {
    if (!(std::fabs(a - b) < std::numeric_limits<double>::infinity()))
      return std::numeric_limits<double>::infinity();
    error = std::max(error, std::fabs(a - b));
    largest = std::max(largest, std::fabs(b));
  }
  return error / largest;
}

//===----------------------------------------------------------------------===//
// Comparing
//===----------------------------------------------------------------------===//

/// Runs a candidate on one piece of the rows after another, the states handed over.
LogicalResult Proof::compareWith(Candidate &candidate, ArrayRef<EvalValue> arguments, const EvalValues &expected,
                                 ArrayRef<int64_t> pieces) {
  size_t outputs = op.getOutputs().size();
  EvalValues part(arguments);
  SmallVector<std::vector<double>> made(op->getNumResults());
  int64_t first = 0;
  for (int64_t count : pieces) {
    for (auto [value, argument, given] : llvm::zip_equal(op->getOperands(), part, arguments))
      if (llvm::is_contained(op.getSequences(), value))
        argument = ssm::rowsFrom(given.tensor(), first, count);
    FailureOr<EvalValues> results = evaluator->run(candidate.name, part);
    if (failed(results))
      return failure();
    for (auto [index, state] : llvm::enumerate(op.getStates())) {
      part[ssm::operandNumber(op, state)] = (*results)[outputs + index];
      made[outputs + index].clear();
    }
    for (auto [all, more] : llvm::zip_equal(made, *results))
      llvm::append_range(all, std::as_const(more.tensor()).values());
    first += count;
  }
  for (auto [values, wanted] : llvm::zip_equal(made, expected))
    candidate.error = std::max(candidate.error, relativeError(values, wanted.tensor().values()));
  ++candidate.sequences;
  return success();
}

LogicalResult Proof::compareRows(int64_t rows, std::pair<double, double> decays) {
  // A few rows lead from zeros to the state to begin with.
  constexpr int64_t leading = 3;
  DenseMap<Value, EvalTensor> samples; // An operand that stands in two places is one value.
  for (const ssm::NamedOperand &operand : operands) {
    std::optional<EvalTensor> tensor = sample(operand, leading + rows, decays);
    if (!tensor)
      return op->emitError("recurrences are compared with static sizes, but got ") << operand.value.getType();
    samples.try_emplace(operand.value, *tensor);
  }
  EvalValues before, arguments;
  for (Value value : op->getOperands()) {
    const EvalTensor &tensor = samples.at(value);
    bool isSequence = llvm::is_contained(op.getSequences(), value);
    before.push_back(isSequence ? ssm::rowsFrom(tensor, 0, leading) : tensor);
    arguments.push_back(isSequence ? ssm::rowsFrom(tensor, leading, rows) : tensor);
  }
  FailureOr<EvalValues> led = evaluator->run("op", before);
  if (failed(led))
    return failure();
  size_t outputs = op.getOutputs().size();
  for (auto [index, state] : llvm::enumerate(op.getStates()))
    arguments[ssm::operandNumber(op, state)] = (*led)[outputs + index];
  FailureOr<EvalValues> expected = evaluator->run("op", arguments);
  if (failed(expected))
    return failure();
  // Short sequences are cut everywhere, long ones near their ends and in the middle; steps go a row at a time.
  SmallVector<SmallVector<int64_t>> whole = {{rows}}, ones;
  for (int64_t cut = 1; cut < rows; ++cut)
    if (rows < 8 || llvm::is_contained({int64_t(1), rows / 2, rows - 1}, cut))
      whole.push_back({cut, rows - cut});
  if (rows > 0)
    ones.push_back(SmallVector<int64_t>(rows, 1));
  for (Candidate &candidate : candidates)
    for (ArrayRef<int64_t> pieces : candidate.form == ssm::Form::step ? ones : whole)
      if (failed(compareWith(candidate, arguments, *expected, pieces)))
        return failure();
  return success();
}

LogicalResult Proof::compare(ArrayRef<int64_t> lengths) {
  // Logarithms: what models have, nearly none, nearly everything, and of all kinds together.
  for (std::pair<double, double> decays : {std::pair(-2.0, 0.0), std::pair(-1e-3, 0.0), std::pair(-60.0, -20.0), std::pair(-30.0, 0.0)})
    for (int64_t rows : lengths)
      if (failed(compareRows(rows, decays)))
        return failure();
  return success();
}

double Proof::largestError() const {
  double error = 0;
  for (const Candidate &candidate : candidates)
    error = std::max(error, candidate.error);
  return error;
}

void Proof::print(raw_ostream &out) const {
  out << op->getName() << " at " << op->getLoc() << "\n  form        chunk  sequences  largest error\n";
  for (const Candidate &candidate : candidates) {
    std::string chunk = candidate.form == ssm::Form::prefix ? "-" : std::to_string(candidate.chunk);
    out << "  " << llvm::left_justify(ssm::nameOf(candidate.form), 10) << llvm::right_justify(chunk, 7)
        << llvm::right_justify(std::to_string(candidate.sequences), 11) << "  " << llvm::format("%.1e", candidate.error) << "\n";
  }
  for (const std::string &why : absent)
    out << "  " << why << "\n";
}

namespace {
struct VerifyRecurrencesPass : tenon::impl::VerifyRecurrencesPassBase<VerifyRecurrencesPass> {
  using Base::Base;

  void runOnOperation() override {
    SmallVector<int64_t> rows(lengths.begin(), lengths.end()), sizes(chunks.begin(), chunks.end());
    if (rows.empty())
      rows = {0, 1, 7, 33, 100, 259};
    if (sizes.empty())
      sizes = {1, 2, 3, 8, 16, 64, 300};
    if (llvm::any_of(rows, [](int64_t count) { return count < 0; }) || llvm::any_of(sizes, [](int64_t size) { return size < 1; })) {
      getOperation().emitError("expects lengths of at least 0 and chunks of at least 1");
      return signalPassFailure();
    }
    getOperation().walk([&](ssm::RecurrenceOpInterface op) {
      Proof proof(op);
      proof.addForms(sizes);
      if (failed(proof.compare(rows)))
        return signalPassFailure();
      proof.print(llvm::errs());
      if (proof.largestError() > tolerance) {
        op->emitError("the forms of ") << op->getName() << " differ by " << proof.largestError() << ", more than " << tolerance;
        signalPassFailure();
      }
    });
    markAllAnalysesPreserved();
  }
};
} // namespace
