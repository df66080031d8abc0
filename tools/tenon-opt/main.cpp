//===- main.cpp - tenon-opt: runs passes on MLIR text ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Example: tenon-opt model.mlir --canonicalize

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "mlir/Transforms/Passes.h"
#include "tenon/dialects/AllDialects.h"
#include "tenon/dialects/UpstreamDialects.h"
#include "tenon/passes/AllPasses.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  tenon::registerAllTenonDialects(registry);
  tenon::registerUpstreamDialects(registry);
  mlir::registerAllExtensions(registry);
  mlir::registerTransformsPasses();
  mlir::registerConversionPasses();
  mlir::arith::registerArithPasses();
  mlir::memref::registerMemRefPasses();
  tenon::registerAllTenonPasses();
  return mlir::asMainReturnCode(
      mlir::MlirOptMain(argc, argv, "Tenon's pass driver\n\nexample: tenon-opt model.mlir --tenon-graph-pipeline\n", registry));
}
