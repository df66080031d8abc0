//===- main.cpp - tenon-lsp-server: editor support for MLIR text ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Example: set "mlir.server_path" of the editor's MLIR extension to this program.

#include "mlir/Tools/mlir-lsp-server/MlirLspServerMain.h"
#include "tenon/dialects/AllDialects.h"
#include "tenon/dialects/UpstreamDialects.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  tenon::registerAllTenonDialects(registry);
  tenon::registerUpstreamDialects(registry);
  return mlir::failed(mlir::MlirLspServerMain(argc, argv, registry)) ? 1 : 0;
}
