//===- KernelPart.td - what a graph op may be in a kernel ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_DIALECTS_TILE_KERNELPART
#define TENON_DIALECTS_TILE_KERNELPART

include "mlir/IR/OpBase.td"

def KernelPartInterface : OpInterface<"KernelPartInterface"> {
  let cppNamespace = "::tenon::tile";
  let description = [{
    The part that an op can play in a fused kernel of a family. Fusion decides by it and `tenon-verify-kernel` checks by it, so
    what a family takes is said once. Elementwise ops need no model of their own (see `kernelPart`).
  }];
  let methods = [
    InterfaceMethod<[{
      The op's part in a kernel of `family`. When it has none, `reason` says why, as the end of a sentence.
    }], "::tenon::tile::KernelPart", "getKernelPart", (ins "::tenon::tile::Family":$family, "std::string &":$reason)>,
    InterfaceMethod<[{
      Whether the operand may be computed in the same kernel; any other is an argument of the kernel.
    }], "bool", "takesInside", (ins "unsigned":$operand)>];
}

#endif // TENON_DIALECTS_TILE_KERNELPART
