//===- GpuKernelFrame.h - the functions of a kernel on a GPU ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A kernel becomes one function, or several that run one after another with the same parameters, its stages:
//
//   llvm.func @k(%call: !llvm.ptr, <a pointer for each operand, for an index to an i64>, <a pointer for each result>,
//                <a pointer to the workspace, if there is one>) attributes {nvvm.kernel, nvvm.reqntid = [..]}
//
// `call` points to the tokens and the position of the call, so that what was captured can be replayed for another position. The region is
// read by the same ElementEmitter as on a CPU, and a stage's sinks are the same.
//
//===----------------------------------------------------------------------===//

#pragma once

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "tenon/codegen/cpu/Sinks.h"
#include "tenon/codegen/target/Target.h"
#include "tenon/dialects/tile/Tile.h"
#include <array>

namespace tenon::codegen::nvptx {

constexpr int64_t warpThreads = 32;

/// How a stage is launched: see #tile.stage.
struct StageShape {
  std::string suffix; ///< of the function's name; empty for the first one
  std::array<int64_t, 3> threads = {32, 1, 1};
  std::array<int64_t, 3> grid = {1, 1, 1};
  std::array<int64_t, 3> rows = {0, 0, 0};
};

/// A stage's function being written. `b` writes in it, `emitter` gives the values of the region.
class GpuStage {
public:
  GpuStage(LoopBuilder &builder, ElementEmitter &emitter, StageShape shape) : b(builder), emitter(emitter), shape(std::move(shape)) {}

  LoopBuilder &b;
  ElementEmitter &emitter;
  StageShape shape; ///< may be changed until the body is done
  llvm::SmallVector<Sink> sinks;
  Value workspace; ///< memref<?xi8>; null without

  /// The thread in its block and the block in its grid, as indices.
  Value thread(unsigned dim = 0) { return special(threads, dim, false); }
  Value block(unsigned dim = 0) { return special(blocks, dim, true); }
  /// The thread's place in its warp and its warp, for blocks of one dimension.
  Value lane();
  Value warp();

  /// Memory of the block, at a multiple of `alignment` bytes, in address space 3.
  Value shared(llvm::ArrayRef<int64_t> shape, mlir::Type element, int64_t alignment = 16);
  int64_t sharedBytes() const { return usedShared; }

  /// Waits for all threads of the block.
  void barrier();
  /// The scalar (f32 or i32) of the lane whose number differs by the bits of `distance`. All lanes of `mask`, an i32, have to come here;
  /// null is the whole warp.
  Value shuffleXor(Value scalar, int64_t distance, Value mask = {});
  /// The scalar of lane `from`, an i32.
  Value shuffleFrom(Value scalar, Value from);
  /// Combines over `count` neighbouring lanes, a power of two up to 32.
  Value acrossLanes(Value scalar, int64_t count, RowTeam::Combine combine);

  /// The address of an element of a buffer, as an LLVM pointer.
  Value pointer(Value buffer, ValueRange indices);

private:
  Value special(std::array<Value, 3> &known, unsigned dim, bool ofGrid);
  mlir::LLVM::GlobalOp sharedSymbol();

  std::array<Value, 3> threads, blocks;
  int64_t usedShared = 0;
};

/// A memref of this type at an LLVM pointer of its memory space; `size` is its dynamic first dimension, if it has one.
Value bufferAt(LoopBuilder &b, Value pointer, mlir::MemRefType type, Value size);

/// A kernel that is being written into `device`.
class GpuKernelFrame {
public:
  GpuKernelFrame(mlir::gpu::GPUModuleOp device, tile::KernelOp kernel, const Target &target)
      : device(device), kernel(kernel), target(target), schedule(kernel.getScheduleAttr()) {}

  mlir::gpu::GPUModuleOp device;
  tile::KernelOp kernel;
  const Target &target;
  tile::ScheduleAttr schedule;

  /// Gives every stage memory of its own, `bytes` and `perToken` for each token of the call. Before the first stage.
  void setWorkspace(int64_t bytes, int64_t perToken) { workspaceBytes = bytes, workspacePerToken = perToken; }

  /// Writes a stage. `body` is called with an emitter of `lanes`, and once more with an emitter of one if the region asks for it.
  mlir::LogicalResult stage(StageShape shape, int64_t lanes, llvm::function_ref<mlir::LogicalResult(GpuStage &)> body);

  /// What is known when all stages are written.
  tile::StagesAttr stages() const;
  /// Removes what was written.
  void erase();

private:
  enum class Outcome { done, failed, wantsSingleLane };
  Outcome write(StageShape shape, int64_t lanes, llvm::function_ref<mlir::LogicalResult(GpuStage &)> body);
  mlir::LLVM::LLVMFuncOp makeFunction(llvm::StringRef name);
  bool hasWorkspace() const { return workspaceBytes > 0 || workspacePerToken > 0; }

  int64_t workspaceBytes = 0, workspacePerToken = 0;
  llvm::SmallVector<tile::StageAttr> written;
  llvm::SmallVector<mlir::LLVM::LLVMFuncOp> functions;
};

/// The emitters of the families. Each writes all stages; what it declines it has reported.
mlir::LogicalResult emitRowwise(GpuKernelFrame &frame);
mlir::LogicalResult emitContraction(GpuKernelFrame &frame);
mlir::LogicalResult emitGrouped(GpuKernelFrame &frame);
mlir::LogicalResult emitAttention(GpuKernelFrame &frame);
mlir::LogicalResult emitScan(GpuKernelFrame &frame);

} // namespace tenon::codegen::nvptx
