//===- RecordTypeInterface.td - values of a record a row ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_DIALECTS_COMMON_RECORDTYPEINTERFACE
#define TENON_DIALECTS_COMMON_RECORDTYPEINTERFACE

include "mlir/IR/OpBase.td"

def RecordTypeInterface : TypeInterface<"RecordTypeInterface"> {
  let cppNamespace = "::tenon";
  let description = [{
    A value that is no tensor but has, like the tensors of a graph, one row for each token of the call: a record of bytes
    that the type's own ops write and read. Kernels pass it by a buffer of that many bytes a row, and know nothing else of it.
  }];
  let methods = [InterfaceMethod<"The bytes of a row.", "int64_t", "getRecordBytes">];
}

#endif // TENON_DIALECTS_COMMON_RECORDTYPEINTERFACE
