//===- WrongChunk.td - a recurrence whose closed form is wrong ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

include "tenon/dialects/ssm/Dialect.td"

def SSM_WrongChunkOp : SSM_Recurrence<"wrong_chunk", "sum whose closed form forgets the state", "x: T C; state: 1 C", ["buildChunk"]> {
  let arguments = (ins NN_F32Tensor:$x, NN_F32Tensor:$state);
  let assemblyFormat = "$x `state` $state attr-dict `:` type(operands)";
}
