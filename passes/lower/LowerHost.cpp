//===- LowerHost.cpp - host functions over the call's buffers ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Rewrites each host function into a new one, op by op; every tensor becomes the buffer that the plan gave it. The ops that can occur are
// those that outlining leaves (the program contract): launches, calls, parameters, slots, lengths, constants. Results are passed as
// destinations. Nothing is decided here.
//
//===----------------------------------------------------------------------===//

#include "llvm/ADT/TypeSwitch.h"
#include "mlir/IR/IRMapping.h"
#include "tenon/dialects/cache/Cache.h"
#include "tenon/dialects/decode/Decode.h"
#include "tenon/dialects/nn/NN.h"
#include "tenon/dialects/tile/Buffer.h"
#include "tenon/dialects/tile/Tile.h"
#include "tenon/passes/lower/Passes.h"

namespace tenon {
#define GEN_PASS_DEF_LOWERHOSTPASS
#include "tenon/passes/lower/Passes.h.inc"
} // namespace tenon

using namespace mlir;
using namespace tenon;

namespace {
/// What the functions of a module share.
struct HostModule {
  explicit HostModule(ModuleOp module) : module(module), symbols(module) {
    for (auto [index, slot] : llvm::enumerate(module.getOps<cache::DeclareOp>()))
      slots[slot.getSymName()] = index;
  }
  ModuleOp module;
  SymbolTable symbols;
  llvm::StringMap<int64_t> slots; ///< their numbers in the call
  DenseMap<Attribute, memref::GlobalOp> constants;
};

/// Rewrites one function in place of `source`.
class HostFunction {
public:
  HostFunction(func::FuncOp source, HostModule &host)
      : source(source), host(host), builder(source), isEntry(source->hasAttr("tenon.entry")) {}

  LogicalResult run();

private:
  /// The function's new type: the call and its thread, for all but entries also the frame and the buffers of operands and results.
  FunctionType type();
  void bindEntry(func::ReturnOp returned);
  void bindArguments(func::ReturnOp returned);

  LogicalResult lower(Operation &op);
  LogicalResult lowerLaunch(tile::LaunchOp op);
  LogicalResult lowerCall(func::CallOp op);
  LogicalResult lowerParam(nn::GetParamOp op);
  LogicalResult lowerSlot(cache::GetOp op);
  LogicalResult lowerConstant(nn::ConstantOp op);

  /// The bytes of all blocks up to the end of this call.
  Value blocksInUse(Location loc, cache::KvType type);
  /// Buffers of an op's results, by its placement.
  FailureOr<SmallVector<Value>> destinations(Operation *op);
  /// The number of tokens for each dynamic dimension of `type`.
  SmallVector<Value> sizes(MemRefType type) { return SmallVector<Value>(type.getNumDynamicDims(), tokens); }
  void barrier(Location loc) { rt::BarrierOp::create(builder, loc, call, thread); }
  SmallVector<Value> lookup(ValueRange values) {
    return llvm::map_to_vector(values, [&](Value value) { return buffers.lookup(value); });
  }

  func::FuncOp source;
  HostModule &host;
  OpBuilder builder;
  bool isEntry;
  bool endsInRun = false; ///< a launch stands after the last barrier
  Value call, thread, threads, frame, tokens, position;
  IRMapping buffers;
};
} // namespace

static FunctionType kernelType(tile::LaunchOp launch) {
  Builder builder(launch.getContext());
  SmallVector<Type> inputs(4, builder.getIndexType());
  for (Type type : llvm::concat<const Type>(SmallVector<Type>(launch.getOperandTypes()), SmallVector<Type>(launch.getResultTypes())))
    inputs.push_back(tile::bufferType(type));
  return builder.getFunctionType(inputs, {});
}

FunctionType HostFunction::type() {
  Type index = builder.getIndexType();
  SmallVector<Type> inputs = {rt::CallType::get(builder.getContext()), index, index};
  if (!isEntry) {
    inputs.push_back(index);
    for (Type type : source.getArgumentTypes())
      inputs.push_back(tile::bufferType(type));
    for (Type type : source.getResultTypes())
      inputs.push_back(tile::bufferType(type));
  }
  return builder.getFunctionType(inputs, {});
}

void HostFunction::bindEntry(func::ReturnOp returned) {
  Location loc = source.getLoc();
  frame = arith::ConstantIndexOp::create(builder, loc, 0);
  for (BlockArgument argument : source.getArguments()) {
    auto type = cast<MemRefType>(tile::bufferType(argument.getType()));
    buffers.map(argument, rt::InputOp::create(builder, argument.getLoc(), type, call, argument.getArgNumber(), sizes(type)));
  }
  for (OpOperand &operand : returned->getOpOperands()) {
    auto type = cast<MemRefType>(tile::bufferType(operand.get().getType()));
    buffers.map(operand.get(), rt::OutputOp::create(builder, loc, type, call, operand.getOperandNumber(), sizes(type)));
  }
}

void HostFunction::bindArguments(func::ReturnOp returned) {
  Block &block = *builder.getInsertionBlock();
  frame = block.getArgument(3);
  auto given = block.getArguments().drop_front(4);
  buffers.map(source.getArguments(), given.take_front(source.getNumArguments()));
  buffers.map(returned.getOperands(), given.drop_front(source.getNumArguments()));
}

LogicalResult HostFunction::run() {
  for (Type type : llvm::concat<const Type>(source.getArgumentTypes(), source.getResultTypes()))
    if (!tile::bufferType(type))
      return source.emitOpError("expects types that have a buffer, but got ") << type;
  if (!source->hasAttr("rt.frame"))
    return source.emitOpError("expects a planned arena, but rt.frame is missing");

  auto target = func::FuncOp::create(builder, source.getLoc(), source.getSymName(), type());
  target.setVisibility(source.getVisibility());
  for (StringRef name : {"tenon.entry", "rt.frame"})
    if (Attribute value = source->getAttr(name))
      target->setAttr(name, value);
  builder.setInsertionPointToStart(target.addEntryBlock());
  call = target.getArgument(0);
  thread = target.getArgument(1);
  threads = target.getArgument(2);
  tokens = rt::TokensOp::create(builder, source.getLoc(), call);
  position = rt::PositionOp::create(builder, source.getLoc(), call);

  auto returned = cast<func::ReturnOp>(source.getBody().front().getTerminator());
  isEntry ? bindEntry(returned) : bindArguments(returned);
  for (Operation &op : source.getOps())
    if (failed(lower(op)))
      return failure();
  // A caller goes on with what this function wrote; the end of an entry is a barrier already.
  if (!isEntry && endsInRun)
    barrier(source.getLoc());
  func::ReturnOp::create(builder, returned.getLoc());
  source.erase();
  return success();
}

LogicalResult HostFunction::lower(Operation &op) {
  return llvm::TypeSwitch<Operation *, LogicalResult>(&op)
      .Case([&](tile::LaunchOp op) { return lowerLaunch(op); })
      .Case([&](func::CallOp op) { return lowerCall(op); })
      .Case([&](nn::GetParamOp op) { return lowerParam(op); })
      .Case([&](cache::GetOp op) { return lowerSlot(op); })
      .Case([&](nn::ConstantOp op) { return lowerConstant(op); })
      .Case([&](cache::LengthOp op) {
        buffers.map(op.getResult(), position);
        return success();
      })
      .Case([&](arith::ConstantIndexOp op) {
        buffers.map(op.getResult(), arith::ConstantIndexOp::create(builder, op.getLoc(), op.value()));
        return success();
      })
      .Case([](func::ReturnOp) { return success(); })
      .Default([](Operation *op) { return op->emitOpError("expects to be inside a kernel, but is in a host function"); });
}

FailureOr<SmallVector<Value>> HostFunction::destinations(Operation *op) {
  auto placement = op->getAttrOfType<ArrayAttr>("rt.placement");
  if (!placement || placement.size() != op->getNumResults())
    return op->emitOpError("expects rt.placement with a place for each result");
  SmallVector<Value> values;
  for (auto [result, place] : llvm::zip_equal(op->getResults(), placement)) {
    if (auto extent = dyn_cast<rt::ExtentAttr>(place)) {
      auto type = cast<MemRefType>(tile::bufferType(result.getType()));
      buffers.map(result, rt::ArenaOp::create(builder, op->getLoc(), type, call, frame, extent, tokens, sizes(type)));
    }
    Value buffer = buffers.lookupOrNull(result);
    if (!buffer)
      return op->emitOpError("expects a place in the arena for a result that is not returned");
    values.push_back(buffer);
  }
  return values;
}

LogicalResult HostFunction::lowerLaunch(tile::LaunchOp op) {
  FailureOr<SmallVector<Value>> results = destinations(op);
  if (failed(results))
    return failure();
  if (op->hasAttr("rt.wait"))
    barrier(op.getLoc());
  auto kernel = host.symbols.lookup<func::FuncOp>(op.getKernel());
  if (!kernel)
    return op.emitOpError("expects an emitted kernel, but got @") << op.getKernel();
  if (kernel.getFunctionType() != kernelType(op))
    return op.emitOpError("expects a kernel of type ") << kernelType(op) << ", but got " << kernel.getFunctionType();
  SmallVector<Value> operands = {thread, threads, tokens, position};
  llvm::append_range(operands, lookup(op.getInputs()));
  llvm::append_range(operands, *results);
  func::CallOp::create(builder, op.getLoc(), kernel, operands);
  endsInRun = true;
  return success();
}

LogicalResult HostFunction::lowerCall(func::CallOp op) {
  FailureOr<SmallVector<Value>> results = destinations(op);
  auto place = op->getAttrOfType<rt::ExtentAttr>("rt.frame");
  if (failed(results) || !place)
    return failed(results) ? failure() : op.emitOpError("expects a planned arena, but rt.frame is missing");
  if (op->hasAttr("rt.wait"))
    barrier(op.getLoc());
  Value inner = rt::FrameOp::create(builder, op.getLoc(), frame, place, tokens);
  SmallVector<Value> operands = {call, thread, threads, inner};
  llvm::append_range(operands, lookup(op.getOperands()));
  llvm::append_range(operands, *results);
  func::CallOp::create(builder, op.getLoc(), op.getCallee(), TypeRange(), operands);
  endsInRun = false;
  return success();
}

LogicalResult HostFunction::lowerParam(nn::GetParamOp op) {
  auto param = host.symbols.lookup<nn::ParamOp>(op.getParam());
  auto offset = param ? param->getAttrOfType<IntegerAttr>("rt.weight_offset") : IntegerAttr();
  auto type = dyn_cast_or_null<MemRefType>(tile::bufferType(op.getType()));
  if (!offset || !type)
    return op.emitOpError("expects a parameter with a place in the packed weights, but @") << op.getParam() << " has none";
  buffers.map(op.getResult(),
              rt::WeightOp::create(builder, op.getLoc(), type, call, op.getParamAttr(), builder.getI64IntegerAttr(offset.getInt())));
  return success();
}

LogicalResult HostFunction::lowerSlot(cache::GetOp op) {
  auto buffer = dyn_cast_or_null<MemRefType>(tile::bufferType(op.getType()));
  if (!buffer)
    return op.emitOpError("expects a slot that has a buffer, but got ") << op.getType();
  SmallVector<Value> bytes;
  if (auto type = dyn_cast<cache::KvType>(op.getType()))
    bytes.push_back(blocksInUse(op.getLoc(), type));
  buffers.map(op.getResult(), rt::StateOp::create(builder, op.getLoc(), buffer, call, host.slots.lookup(op.getSlot()), bytes));
  return success();
}

Value HostFunction::blocksInUse(Location loc, cache::KvType type) {
  Value end = arith::AddIOp::create(builder, loc, position, tokens);
  Value blockPositions = arith::ConstantIndexOp::create(builder, loc, tile::cacheBlockPositions);
  Value blocks = arith::CeilDivUIOp::create(builder, loc, end, blockPositions);
  Value blockBytes = arith::ConstantIndexOp::create(builder, loc, tile::cacheBlock(type).bytes);
  return arith::MulIOp::create(builder, loc, blocks, blockBytes);
}

LogicalResult HostFunction::lowerConstant(nn::ConstantOp op) {
  auto type = dyn_cast_or_null<MemRefType>(tile::bufferType(op.getType()));
  auto value = dyn_cast<DenseElementsAttr>(op.getValue());
  if (!type || !value)
    return op.emitOpError("expects a dense constant that has a buffer, but got ") << op.getType();
  memref::GlobalOp &global = host.constants[value];
  if (!global) {
    OpBuilder top = OpBuilder::atBlockBegin(host.module.getBody());
    Attribute shaped = value.reshape(RankedTensorType::get(type.getShape(), type.getElementType()));
    global = memref::GlobalOp::create(top, op.getLoc(), "constant", top.getStringAttr("private"), type, shaped, /*constant=*/true,
                                      top.getI64IntegerAttr(rt::bufferAlignment));
    host.symbols.insert(global);
  }
  buffers.map(op.getResult(), memref::GetGlobalOp::create(builder, op.getLoc(), type, global.getSymName()));
  return success();
}

namespace {
struct LowerHostPass : tenon::impl::LowerHostPassBase<LowerHostPass> {
  using Base::Base;

  void runOnOperation() override {
    HostModule host(getOperation());
    for (auto function : llvm::to_vector(getOperation().getOps<func::FuncOp>()))
      if (isHostFunction(function) && failed(HostFunction(function, host).run()))
        return signalPassFailure();
    eraseDeclarations();
  }

  /// Parameters, slots and loops have become offsets, indices and the runtime's loop.
  void eraseDeclarations() {
    for (Operation &op : llvm::make_early_inc_range(*getOperation().getBody()))
      if (isa<nn::ParamOp, cache::DeclareOp, decode::GenerateOp>(op))
        op.erase();
  }
};
} // namespace
