//===- Dialect.td - the runtime's ABI as ops ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_DIALECTS_RT_DIALECT
#define TENON_DIALECTS_RT_DIALECT

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/OpBase.td"

def RT_Dialect : Dialect {
  let name = "rt";
  let cppNamespace = "::tenon::rt";
  let summary = "the runtime's ABI: buffers of a call and the barrier of its threads";
  let description = [{
    Host programs run once on every thread of a team. Through `!rt.call` they find the buffers of their call; everything else is done by
    the kernels that they call. See README.md for what belongs here, `runtime/abi.h` for the layout in memory.
  }];
  let useDefaultTypePrinterParser = 1;
  let useDefaultAttributePrinterParser = 1;
  let dependentDialects = ["::mlir::memref::MemRefDialect"];
  // Attributes that planning leaves on ops of other dialects for tenon-lower-host.
  let discardableAttrs = (ins
    "::mlir::IntegerAttr":$weight_offset,   // nn.param: byte in the packed weights
    "::mlir::IntegerAttr":$weights_bytes,   // module: size of the packed weights
    "::mlir::UnitAttr":$wait,               // launch, call: needs a barrier before it
    "::mlir::ArrayAttr":$placement,         // launch, call: where each result lies in the frame (extents; unit: a result of the function)
    "::tenon::rt::ExtentAttr":$frame       // function: bytes of arena it uses with all that it calls; call: where the callee's frame begins
  );
}

class RT_Type<string name, string typeMnemonic> : TypeDef<RT_Dialect, name> { let mnemonic = typeMnemonic; }

def RT_CallType : RT_Type<"Call", "call"> {
  let summary = "one call of an entry, as every thread of the team sees it";
  let description = "A pointer to the runtime's `tenon_abi_call`.";
}

def RT_ExtentAttr : AttrDef<RT_Dialect, "Extent"> {
  let mnemonic = "extent";
  let summary = "a number of bytes that is affine in the number of tokens";
  let description = [{
    `#rt.extent<64 + 2304 * tokens>` is 64 bytes and 2304 more for each token of the call.
  }];
  let parameters = (ins "int64_t":$constant, "int64_t":$per_token);
  let assemblyFormat = "`<` $constant `+` $per_token `*` `tokens` `>`";
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// The bytes for `tokens` tokens.
    int64_t at(int64_t tokens) const { return getConstant() + getPerToken() * tokens; }
  }];
}

#endif // TENON_DIALECTS_RT_DIALECT
