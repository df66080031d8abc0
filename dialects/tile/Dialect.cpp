//===- Dialect.cpp - registration of tile's attributes and ops ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "tenon/dialects/moe/Moe.h"
#include "tenon/dialects/nn/NN.h"
#include "tenon/dialects/ssm/Ssm.h"
#include "tenon/dialects/tile/Buffer.h"
#include "tenon/dialects/tile/KernelPart.h"
#include "tenon/dialects/tile/Tile.h"
#include "llvm/ADT/TypeSwitch.h"

#include "tenon/dialects/tile/Dialect.cpp.inc"
#include "tenon/dialects/tile/Enums.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "tenon/dialects/tile/Attrs.cpp.inc"

#define GET_OP_CLASSES
#include "tenon/dialects/tile/Ops.cpp.inc"

using namespace mlir;
using namespace tenon::tile;

void TileDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "tenon/dialects/tile/Attrs.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "tenon/dialects/tile/Ops.cpp.inc"
      >();
  attachKernelParts(*getContext());
}

ParseResult tenon::tile::parseFamily(OpAsmParser &parser, FamilyAttr &family) {
  SMLoc loc = parser.getCurrentLocation();
  StringRef name;
  if (parser.parseKeyword(&name))
    return failure();
  std::optional<Family> value = symbolizeFamily(name);
  if (!value)
    return parser.emitError(loc) << "expects contraction, attention, scan, rowwise or grouped, but got " << name;
  family = FamilyAttr::get(parser.getContext(), *value);
  return success();
}

void tenon::tile::printFamily(OpAsmPrinter &printer, Operation *, FamilyAttr family) {
  printer << stringifyFamily(family.getValue());
}

LogicalResult PanelsAttr::verify(function_ref<InFlightDiagnostic()> emitError, int64_t channels) {
  if (channels != panelChannels) // panels_c1
    return emitError() << "expects panels of " << panelChannels << " channels, but got " << channels;
  return success();
}

LogicalResult PanelsAttr::verifyEncoding(ArrayRef<int64_t> shape, Type, function_ref<InFlightDiagnostic()> emitError) const {
  if (shape.size() != 2 && shape.size() != 3) // panels_c2
    return emitError() << "expects a tensor of rank 2 or 3 for panels, but got rank " << shape.size();
  if (ShapedType::isDynamicShape(shape)) // panels_c3
    return emitError() << "expects a static shape for panels";
  return success();
}

LogicalResult ScheduleAttr::verify(function_ref<InFlightDiagnostic()> emitError, int64_t width, int64_t rows, int64_t panels,
                                   int64_t gemvPanels, int64_t rowBlock, int64_t panelBlock, int64_t kvBlock, int64_t queryRows,
                                   int64_t unroll, ScanForm form, int64_t chunk, int64_t states) {
  for (int64_t choice : {width, rows, panels, gemvPanels, rowBlock, panelBlock, kvBlock, queryRows, unroll, chunk, states})
    if (choice < 0) // schedule_c1
      return emitError() << "expects choices that are not negative, but got " << choice;
  return success();
}

LogicalResult StageAttr::verify(function_ref<InFlightDiagnostic()> emitError, StringAttr, ArrayRef<int64_t> threads, ArrayRef<int64_t> grid,
                                ArrayRef<int64_t> rows, int64_t shared) {
  auto isPositive = [](int64_t number) { return number > 0; };
  bool hasThree = threads.size() == 3 && grid.size() == 3 && rows.size() == 3;
  if (!hasThree || !llvm::all_of(threads, isPositive) || !llvm::all_of(grid, isPositive) ||
      llvm::any_of(rows, [](int64_t number) { return number < 0; }) || shared < 0) // stage_c1
    return emitError() << "expects three positive threads and grid sizes, three rows and shared bytes that are not negative";
  return success();
}

LogicalResult StagesAttr::verify(function_ref<InFlightDiagnostic()> emitError, int64_t workspace, int64_t perToken, ArrayRef<StageAttr>) {
  if (workspace < 0 || perToken < 0) // stages_c1
    return emitError() << "expects a workspace that is not negative, but got " << workspace << " and " << perToken << " per token";
  return success();
}
