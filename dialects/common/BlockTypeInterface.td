//===- BlockTypeInterface.td - element types that are stored in blocks ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_DIALECTS_COMMON_BLOCKTYPEINTERFACE
#define TENON_DIALECTS_COMMON_BLOCKTYPEINTERFACE

include "mlir/IR/OpBase.td"

def BlockQuantizedTypeInterface : TypeInterface<"BlockQuantizedTypeInterface"> {
  let cppNamespace = "::tenon";
  let description = [{
    An element type whose values are stored in blocks of consecutive elements of the last dimension,
    each block with its own scale. The last dimension of a tensor of such elements is a multiple of
    the block.
  }];
  let methods = [
    InterfaceMethod<"The number of elements of a block.", "int64_t", "getBlockElements">,
    InterfaceMethod<"The number of bytes of a block.", "int64_t", "getBlockBytes">,
    InterfaceMethod<"The format's name, by which its codec is found.", "::llvm::StringRef", "getFormatName">,
    InterfaceMethod<"Decodes one block to `getBlockElements()` floats.", "void", "decodeBlock",
                    (ins "const uint8_t *":$block, "float *":$values)>,
    InterfaceMethod<"Encodes `getBlockElements()` floats into one block.", "void", "encodeBlock",
                    (ins "const float *":$values, "uint8_t *":$block)>];
}

#endif // TENON_DIALECTS_COMMON_BLOCKTYPEINTERFACE
