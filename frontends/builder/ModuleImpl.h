//===- ModuleImpl.h - what decoders and encoders share ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "tenon/frontends/builder/BlockImpl.h"
#include "tenon/frontends/builder/Builder.h"
#include "tenon/frontends/builder/PositionsImpl.h"

namespace tenon {

/// Builds a module's parameters, slots, blocks and the way through the layers. Layers of the same options, numbers and parameter types
/// call one function, so that the size of the code follows the number of different blocks and not the depth.
class ModuleBuilder {
public:
  ModuleBuilder(mlir::MLIRContext &context, const ModelPlan &plan, const BuildOptions &options, Diagnostics &diagnostics);

  /// Makes the layers what blocks take and chooses tables of angles; false if the plan cannot be built.
  bool prepare();

  /// Starts the module: its attributes, parameters, slots (of a decoder) and blocks. Entries are emitted after it.
  mlir::OwningOpRef<mlir::ModuleOp> begin();
  /// Starts an entry over tokens; the builder stands in it until the guard goes.
  mlir::func::FuncOp beginEntry(llvm::StringRef name, mlir::RankedTensorType result);

  /// The hidden states after the last layer's block.
  mlir::Value emitLayers(mlir::Value tokens);
  /// The norm after the last layer, if there is one.
  mlir::Value emitFinalNorm(mlir::Value stream);
  /// The value of a role's parameter, or null.
  mlir::Value getRole(llvm::StringRef role);

  const ModelPlan &plan;
  const BuildOptions &options;
  mlir::OpBuilder builder;
  OpEmitter emitter;

private:
  /// A layer as it is built.
  struct Layer {
    LayerPlan plan;
    /// "blk.3", and with * for the number.
    std::string path, sharedPath;
    /// Its table of angles among `angles`, or -1.
    int64_t table = -1;
    llvm::SmallVector<BlockSlot> slots;
    /// Values beside the stream.
    llvm::SmallVector<CarriedValue, 1> reads, makes;
    mlir::func::FuncOp block;
  };

  bool splitExpansion(Layer &layer, size_t number);
  mlir::Type slotElement();
  void declareParameters();
  void emitBlocks();
  /// Whether two layers can call one function.
  bool areAlike(const Layer &a, const Layer &b);
  mlir::Value get(const ParameterSource &parameter);
  mlir::Value emitEmbedding(mlir::Value tokens, mlir::Value start);

  Diagnostics &diagnostics;
  std::vector<Layer> layers;
  std::vector<RopeAngles> angles;
};

mlir::OwningOpRef<mlir::ModuleOp> buildDecoder(ModuleBuilder &model);
mlir::OwningOpRef<mlir::ModuleOp> buildEncoder(ModuleBuilder &model);

} // namespace tenon
