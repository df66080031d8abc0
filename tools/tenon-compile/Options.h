//===- Options.h - the command line of tenon-compile ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_TOOLS_COMPILE_OPTIONS_H
#define TENON_TOOLS_COMPILE_OPTIONS_H

#include "tenon/codegen/package/Compile.h"
#include "tenon/frontends/Import.h"

namespace tenon {

/// What the user asked for.
struct ToolOptions {
  std::string input;
  ImportOptions import;
  codegen::CompileOptions compile;
  std::string report; ///< the file of the HTML page; empty: none
  bool listFamilies = false; ///< print the table and do nothing else
  bool plan = false, timing = false, remarks = false;
};

/// Reads the command line; help and version are printed and end the process. Errors have the class of the exit code.
llvm::Expected<ToolOptions> parseCommandLine(int argc, char **argv);

} // namespace tenon

#endif // TENON_TOOLS_COMPILE_OPTIONS_H
