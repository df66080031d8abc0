//===- Eval.h - values and environment of the evaluator ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The evaluator gives every graph- and program-level op an executable meaning: EvalOpInterface on plain
// tensors of double. An `Evaluator` owns one module's environment: parameters are mapped from their
// files and decoded row by row on demand, state slots live as long as the evaluator, functions are run
// by name. All memory is proportional to the activations, never to the parameters.

#pragma once

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/SymbolTable.h"
#include "llvm/ADT/StringMap.h"

#include <cassert>
#include <functional>
#include <memory>
#include <variant>
#include <vector>

namespace tenon {

/// A tensor of the evaluator. Dense tensors hold doubles; mapped tensors hold a view of stored bytes
/// (floats or quantised blocks), whose rows are decoded when they are read. A row runs over the last
/// dimension; rows are counted over the flattened leading dimensions. Copies share the storage.
class EvalTensor {
public:
  EvalTensor() = default;

  /// A dense tensor of zeros.
  static EvalTensor dense(llvm::ArrayRef<int64_t> shape);
  /// A dense tensor of the given values in row-major order.
  static EvalTensor dense(llvm::ArrayRef<int64_t> shape, std::vector<double> values);
  /// A view of `size` bytes at `data`, which `keepAlive` keeps mapped. The size must be the one that
  /// `storedBytes` gives for the shape and element type.
  static EvalTensor mapped(llvm::ArrayRef<int64_t> shape, mlir::Type elementType, const uint8_t *data, size_t size,
                           std::shared_ptr<void> keepAlive);
  /// The bytes that a tensor of this static shape takes in a file; nothing when the element type has no
  /// stored form, the last dimension is not a multiple of the block, or the size overflows.
  static std::optional<size_t> storedBytes(llvm::ArrayRef<int64_t> shape, mlir::Type elementType);

  llvm::ArrayRef<int64_t> shape() const { return dims; }
  int64_t rank() const { return dims.size(); }
  int64_t dim(int64_t index) const { return dims[index]; }
  /// The number of elements.
  int64_t size() const;
  /// The size of the last dimension (1 for rank 0).
  int64_t rowSize() const { return dims.empty() ? 1 : dims.back(); }
  /// The number of rows.
  int64_t rows() const;
  bool isMapped() const { return bytes != nullptr; }

  /// The values of a dense tensor, row-major.
  llvm::MutableArrayRef<double> values() {
    assert(!isMapped() && "a mapped tensor is read by rows");
    return *storage;
  }
  llvm::ArrayRef<double> values() const {
    assert(!isMapped() && "a mapped tensor is read by rows");
    return *storage;
  }
  double &at(int64_t linear) { return values()[linear]; }
  double at(int64_t linear) const { return values()[linear]; }

  /// Writes the `rowSize()` values of a row to `out`.
  void readRow(int64_t row, double *out) const;
  /// This tensor if it is dense, or a dense copy of the mapped values. For small parameters only.
  EvalTensor toDense() const;
  /// The same values under another shape of the same size.
  EvalTensor reshaped(llvm::ArrayRef<int64_t> shape) const;

private:
  llvm::SmallVector<int64_t, 4> dims;
  std::shared_ptr<std::vector<double>> storage;
  mlir::Type elementType;
  const uint8_t *bytes = nullptr;
  std::shared_ptr<void> keepAlive;
};

/// Rounds a value to the nearest one that the float type has (ties to even); f32 and wider keep all
/// bits, because the evaluator's f32 tensors are exact by definition.
double roundToType(double value, mlir::Type type);
/// Rounds in place the values of a dense tensor to an element type of fewer bits than f32.
void roundToType(EvalTensor &tensor, mlir::Type type);

/// A state slot's contents. A slot that grows (keys and values are two planes) holds `length` rows in each plane; one that does
/// not, a recurrent state, holds one plane, which a call replaces.
struct EvalState {
  int64_t length = 0; ///< positions of the calls so far
  llvm::SmallVector<std::vector<double>, 2> planes;
  bool isReplaced = false; ///< the present call has replaced the contents: at its end `length` grows by the call's positions
};

/// A value of the evaluator: a tensor, an index or a state slot (shared, changed in place).
class EvalValue {
public:
  EvalValue() = default;
  EvalValue(EvalTensor tensor) : value(std::move(tensor)) {}
  EvalValue(int64_t index) : value(index) {}
  EvalValue(std::shared_ptr<EvalState> state) : value(std::move(state)) {}

  bool isTensor() const { return std::holds_alternative<EvalTensor>(value); }
  bool isIndex() const { return std::holds_alternative<int64_t>(value); }
  bool isState() const { return std::holds_alternative<std::shared_ptr<EvalState>>(value); }
  const EvalTensor &tensor() const { return std::get<EvalTensor>(value); }
  EvalTensor &tensor() { return std::get<EvalTensor>(value); }
  int64_t index() const { return std::get<int64_t>(value); }
  EvalState &state() const { return *std::get<std::shared_ptr<EvalState>>(value); }
  std::shared_ptr<EvalState> statePointer() const { return std::get<std::shared_ptr<EvalState>>(value); }

private:
  std::variant<EvalTensor, int64_t, std::shared_ptr<EvalState>> value;
};

using EvalValues = llvm::SmallVector<EvalValue, 4>;

/// What an op's evaluation may ask of its surroundings.
class EvalContext {
public:
  virtual ~EvalContext() = default;

  /// The value of a module-level symbol that stands for a tensor or a state slot, made by the symbol
  /// op's own `evaluate` at its first use and the same one afterwards. Errors are emitted at `user`.
  virtual mlir::FailureOr<EvalValue> lookupSymbol(mlir::Operation *user, mlir::StringAttr name) = 0;
  /// Maps a stored tensor: `offset` bytes into the file `source`, which is relative to the folder of the
  /// module's own file. The file's size is checked against the type. Errors are emitted at `user`.
  virtual mlir::FailureOr<EvalTensor> mapParameter(mlir::Operation *user, llvm::StringRef source, uint64_t offset,
                                                   mlir::RankedTensorType type) = 0;
  /// The folder that relative files of parameters are in; empty means the working directory.
  virtual llvm::StringRef parameterFolder() const = 0;
  /// Runs the single block of a region; the results are the terminator's operands.
  virtual mlir::FailureOr<EvalValues> evalRegion(mlir::Region &region, llvm::ArrayRef<EvalValue> arguments) = 0;
  /// Runs a function of the module. Errors are emitted at `user`, or at the module if there is none.
  virtual mlir::FailureOr<EvalValues> evalFunction(mlir::Operation *user, llvm::StringRef name, llvm::ArrayRef<EvalValue> arguments) = 0;
};

/// Evaluates one module. Parameters and state slots persist between calls, as in a session.
class Evaluator final : public EvalContext {
public:
  /// `folder` is where relative parameter sources are; empty means the working directory.
  explicit Evaluator(mlir::ModuleOp module, llvm::StringRef folder = "");
  ~Evaluator() override;

  /// Runs the function `name`; diagnostics go to the module's context.
  mlir::FailureOr<EvalValues> run(llvm::StringRef name, llvm::ArrayRef<EvalValue> arguments) {
    return evalFunction(nullptr, name, arguments);
  }
  /// Empties all state slots.
  void resetState();

  using Observer = std::function<mlir::LogicalResult(mlir::Operation *, llvm::ArrayRef<EvalValue>)>;
  /// Has every op, once evaluated, shown with its results to `observer`, whose failure ends the run.
  void observe(Observer newObserver) { observer = std::move(newObserver); }
  /// The calls that are being evaluated, outermost first; what the run began with is null.
  llvm::ArrayRef<mlir::Operation *> callers() const { return calls; }

  mlir::FailureOr<EvalValue> lookupSymbol(mlir::Operation *user, mlir::StringAttr name) override;
  mlir::FailureOr<EvalTensor> mapParameter(mlir::Operation *user, llvm::StringRef source, uint64_t offset,
                                           mlir::RankedTensorType type) override;
  llvm::StringRef parameterFolder() const override { return folder; }
  mlir::FailureOr<EvalValues> evalRegion(mlir::Region &region, llvm::ArrayRef<EvalValue> arguments) override;
  mlir::FailureOr<EvalValues> evalFunction(mlir::Operation *user, llvm::StringRef name, llvm::ArrayRef<EvalValue> arguments) override;

private:
  struct MappedFile;

  /// Adds the positions of a call that is over to the slots whose contents it replaced.
  void advance(llvm::ArrayRef<mlir::Type> types, llvm::ArrayRef<EvalValue> arguments);

  mlir::ModuleOp module;
  mlir::SymbolTable symbols;
  std::string folder;
  llvm::DenseMap<mlir::StringAttr, EvalValue> symbolValues;
  llvm::StringMap<std::shared_ptr<MappedFile>> files;
  llvm::SmallVector<mlir::Operation *> calls;
  Observer observer;
};

} // namespace tenon

#include "tenon/dialects/common/EvalInterface.h.inc"
