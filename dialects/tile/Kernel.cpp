//===- Kernel.cpp - fused kernels and their launches ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mlir/IR/Builders.h"
#include "tenon/dialects/tile/Tile.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::tile;

/// The results of a region on the operands.
static LogicalResult evaluateRegion(EvalContext &context, Region &region, ArrayRef<EvalValue> operands,
                                    SmallVectorImpl<EvalValue> &results) {
  FailureOr<EvalValues> values = context.evalRegion(region, operands);
  if (failed(values))
    return failure();
  results.append(values->begin(), values->end());
  return success();
}

/// Slots are read and written; tensors are values.
static void addSlotEffects(MutableOperandRange operands, SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>> &effects) {
  for (OpOperand &operand : operands) {
    if (!isa<cache::SlotTypeInterface>(operand.get().getType()))
      continue;
    effects.emplace_back(MemoryEffects::Read::get(), &operand);
    effects.emplace_back(MemoryEffects::Write::get(), &operand);
  }
}

//===----------------------------------------------------------------------===//
// tile.kernel
//===----------------------------------------------------------------------===//

void KernelOp::build(OpBuilder &builder, OperationState &state, StringRef name, Family family, FunctionType type,
                     ArrayRef<Location> argumentLocs) {
  state.addAttribute(getSymNameAttrName(state.name), builder.getStringAttr(name));
  state.addAttribute(getFamilyAttrName(state.name), FamilyAttr::get(builder.getContext(), family));
  state.addAttribute(getFunctionTypeAttrName(state.name), TypeAttr::get(type));
  Block &block = state.addRegion()->emplaceBlock();
  SmallVector<Location> locs(type.getNumInputs(), state.location);
  llvm::copy(argumentLocs, locs.begin());
  block.addArguments(type.getInputs(), locs);
}

// tile.kernel @name family(rowwise) (%a: type, ...) -> types attributes {...} { region }
ParseResult KernelOp::parse(OpAsmParser &parser, OperationState &result) {
  StringAttr name;
  FamilyAttr family;
  SmallVector<OpAsmParser::Argument> arguments;
  SmallVector<Type> results;
  if (parser.parseSymbolName(name, getSymNameAttrName(result.name), result.attributes) || parser.parseKeyword("family") ||
      parser.parseLParen() || parseFamily(parser, family) || parser.parseRParen() ||
      parser.parseArgumentList(arguments, OpAsmParser::Delimiter::Paren, /*allowType=*/true) ||
      parser.parseOptionalArrowTypeList(results) || parser.parseOptionalAttrDictWithKeyword(result.attributes))
    return failure();
  SmallVector<Type> inputs = llvm::map_to_vector(arguments, [](const OpAsmParser::Argument &argument) { return argument.type; });
  result.addAttribute(getFamilyAttrName(result.name), family);
  result.addAttribute(getFunctionTypeAttrName(result.name), TypeAttr::get(parser.getBuilder().getFunctionType(inputs, results)));
  return parser.parseRegion(*result.addRegion(), arguments);
}

void KernelOp::print(OpAsmPrinter &printer) {
  printer << ' ';
  printer.printSymbolName(getSymName());
  printer << " family(" << stringifyFamily(getFamily()) << ") (";
  llvm::interleaveComma(getBlock().getArguments(), printer, [&](BlockArgument argument) { printer.printRegionArgument(argument); });
  printer << ')';
  printer.printOptionalArrowTypeList(getFunctionType().getResults());
  printer.printOptionalAttrDictWithKeyword((*this)->getAttrs(), {getSymNameAttrName(), getFamilyAttrName(), getFunctionTypeAttrName()});
  printer << ' ';
  printer.printRegion(getBody(), /*printEntryBlockArgs=*/false);
}

static bool crossesBorder(Type type) {
  return isa<RankedTensorType, RecordTypeInterface, IndexType, cache::SlotTypeInterface>(type);
}

LogicalResult KernelOp::verify() {
  FunctionType type = getFunctionType();
  if (getBlock().getArgumentTypes() != TypeRange(type.getInputs())) // kernel_c1
    return emitOpError("expects region arguments of the signature's types");
  for (Type input : type.getInputs())
    if (!crossesBorder(input)) // kernel_c3
      return emitOpError("expects inputs that are tensors, records, indices or state slots, but got ") << input;
  for (Type result : type.getResults())
    if (!isa<RankedTensorType, RecordTypeInterface>(result)) // kernel_c3
      return emitOpError("expects results that are tensors or records, but got ") << result;
  return success();
}

/// Checks that the region ends with a `tile.yield` of values of these types.
static LogicalResult verifyYield(Operation *op, Block &block, TypeRange results) {
  auto yield = dyn_cast<YieldOp>(block.getTerminator());
  if (!yield)
    return op->emitOpError("expects a region that ends with tile.yield");
  if (yield.getOperandTypes() != results)
    return yield.emitOpError("expects values of the types (") << results << "), but got (" << yield.getOperandTypes() << ")";
  return success();
}

LogicalResult KernelOp::verifyRegions() {
  return verifyYield(*this, getBlock(), getFunctionType().getResults());
} // kernel_c2

//===----------------------------------------------------------------------===//
// tile.group
//===----------------------------------------------------------------------===//

LogicalResult GroupOp::verifyRegions() {
  Block &block = getBody().front();
  if (block.getArgumentTypes() != getOperandTypes()) // group_c1
    return emitOpError("expects region arguments of the operands' types");
  return verifyYield(*this, block, getResultTypes()); // group_c2
}

LogicalResult GroupOp::evaluate(EvalContext &context, ArrayRef<EvalValue> operands, SmallVectorImpl<EvalValue> &results) {
  return evaluateRegion(context, getBody(), operands, results);
}

void GroupOp::getEffects(SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>> &effects) {
  addSlotEffects(getInputsMutable(), effects);
}

//===----------------------------------------------------------------------===//
// tile.launch
//===----------------------------------------------------------------------===//

KernelOp LaunchOp::lookupKernel(SymbolTableCollection *symbols) {
  if (symbols)
    return symbols->lookupNearestSymbolFrom<KernelOp>(*this, getKernelAttr());
  return SymbolTable::lookupNearestSymbolFrom<KernelOp>(*this, getKernelAttr());
}

LogicalResult LaunchOp::verifySymbolUses(SymbolTableCollection &symbols) {
  KernelOp kernel = lookupKernel(&symbols);
  // Once emitted, the symbol names a function over buffers; tenon-lower-host compares its type.
  Operation *symbol = symbols.lookupNearestSymbolFrom(*this, getKernelAttr());
  if (!kernel && symbol && symbol->hasAttr("tenon.kernel"))
    return success();
  if (!kernel) // launch_c1
    return emitOpError("expects the symbol of a tile.kernel, but got ") << getKernelAttr();
  FunctionType type = kernel.getFunctionType();
  if (getOperandTypes() == TypeRange(type.getInputs()) && getResultTypes() == TypeRange(type.getResults()))
    return success();
  InFlightDiagnostic diagnostic = emitOpError("expects the kernel's type ") // launch_c2
                                  << type << ", but got " << FunctionType::get(getContext(), getOperandTypes(), getResultTypes());
  diagnostic.attachNote(kernel.getLoc()) << "the kernel is here";
  return diagnostic;
}

void LaunchOp::getEffects(SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>> &effects) {
  addSlotEffects(getInputsMutable(), effects);
}

LogicalResult LaunchOp::evaluate(EvalContext &context, ArrayRef<EvalValue> operands, SmallVectorImpl<EvalValue> &results) {
  KernelOp kernel = lookupKernel();
  if (!kernel)
    return emitOpError("expects the symbol of a tile.kernel, but got ") << getKernelAttr();
  return evaluateRegion(context, kernel.getBody(), operands, results);
}
