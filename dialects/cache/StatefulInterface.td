//===- StatefulInterface.td - what reads and writes state ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_DIALECTS_CACHE_STATEFULINTERFACE
#define TENON_DIALECTS_CACHE_STATEFULINTERFACE

include "mlir/IR/OpBase.td"

def StatefulOpInterface : OpInterface<"StatefulOpInterface"> {
  let cppNamespace = "::tenon::cache";
  let description = [{
    An op that reads or changes a state slot. Passes order and fuse such ops by these answers, not by
    their names, so that recurrent slots need no change to a pass.
  }];
  let methods = [
    InterfaceMethod<"The slot that the op works on.", "::mlir::Value", "getStateSlot">,
    InterfaceMethod<"Whether the op's results depend on the slot's contents or length.", "bool", "readsState">,
    InterfaceMethod<"Whether the op changes the slot's contents or length.", "bool", "writesState">];
}

def SlotTypeInterface : TypeInterface<"SlotTypeInterface"> {
  let cppNamespace = "::tenon::cache";
  let description = [{
    The type of a state slot. Every slot type can be declared, measured, marked, rewound and forked; what
    else is done with it belongs to ops of that type.
  }];
  let methods = [
    InterfaceMethod<"Whether the slot holds a row of each position; if not, a call replaces its contents, zeros at the start.",
        "bool", "growsWithPositions">,
    InterfaceMethod<"The elements of each of the slot's planes: of a position if the slot grows, else of the whole plane.",
        "::llvm::SmallVector<int64_t>", "getPlaneRowSizes">,
    InterfaceMethod<"The type that the slot stores an element as.", "::mlir::Type", "getStoredType">];
}

#endif // TENON_DIALECTS_CACHE_STATEFULINTERFACE
