//===- Graph.h - nn ops whose types follow from their operands ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "tenon/dialects/nn/NN.h"

namespace tenon::ssm {

/// Builds the nn ops that steps are made of. Shapes may have dynamic dimensions where the op takes them.
class Graph {
public:
  Graph(mlir::OpBuilder &builder, mlir::Location loc) : builder(builder), loc(loc) {}

  template <typename OpTy> mlir::Value make(mlir::ValueRange operands) {
    return OpTy::create(builder, loc, operands[0].getType(), operands).getResult();
  }
  mlir::Value add(mlir::Value a, mlir::Value b) { return make<nn::AddOp>({a, b}); }
  mlir::Value sub(mlir::Value a, mlir::Value b) { return make<nn::SubOp>({a, b}); }
  mlir::Value mul(mlir::Value a, mlir::Value b) { return make<nn::MulOp>({a, b}); }
  mlir::Value div(mlir::Value a, mlir::Value b) { return make<nn::DivOp>({a, b}); }
  mlir::Value max(mlir::Value a, mlir::Value b) { return make<nn::MaxOp>({a, b}); }
  mlir::Value min(mlir::Value a, mlir::Value b) { return make<nn::MinOp>({a, b}); }
  mlir::Value exp(mlir::Value a) { return make<nn::ExpOp>({a}); }
  mlir::Value sin(mlir::Value a) { return make<nn::SinOp>({a}); }
  mlir::Value cos(mlir::Value a) { return make<nn::CosOp>({a}); }
  mlir::Value reshape(mlir::Value a, llvm::ArrayRef<int64_t> shape);
  mlir::Value transpose(mlir::Value a, llvm::ArrayRef<int64_t> permutation);
  /// `a`, whose dimension d is dimension `dims[d]` of the result. A new dimension that is dynamic has the rows of `like`.
  mlir::Value broadcast(mlir::Value a, llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<int64_t> dims, mlir::Value like = {});
  mlir::Value sum(mlir::Value a, int64_t dim);
  mlir::Value matmul(mlir::Value a, mlir::Value b);
  /// `size` elements of a dimension from `start` on, which counts from the end if it is negative.
  mlir::Value part(mlir::Value a, int64_t dim, int64_t start, int64_t size);
  mlir::Value rows(mlir::Value a, int64_t start, int64_t size) { return part(a, 0, start, size); }
  /// The parts one after another along a dimension.
  mlir::Value join(mlir::ValueRange parts, int64_t dim);
  mlir::Value stack(mlir::ValueRange parts) { return join(parts, 0); }
  /// A number as a tensor of rank 0.
  mlir::Value number(double value);
  /// A state as a row of its own.
  mlir::Value asRow(mlir::Value state);
  /// Sums of the rows up to each.
  mlir::Value runningSum(mlir::Value rows);
  /// 1, 2, ... for the rows of `like`.
  mlir::Value countRows(mlir::Value like) { return runningSum(broadcast(number(1), {shapeOf(like)[0]}, {}, like)); }
  /// The identity matrix.
  mlir::Value identity(int64_t size);

  static llvm::ArrayRef<int64_t> shapeOf(mlir::Value value) { return mlir::cast<mlir::RankedTensorType>(value.getType()).getShape(); }

  mlir::OpBuilder &builder;
  mlir::Location loc;

private:
  mlir::RankedTensorType typed(mlir::Value like, llvm::ArrayRef<int64_t> shape);
};

} // namespace tenon::ssm
