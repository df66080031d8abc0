//===- Scan.td - the primitives that recurrences expand to ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_DIALECTS_SSM_SCAN
#define TENON_DIALECTS_SSM_SCAN

include "tenon/dialects/ssm/Dialect.td"

def SSM_ScanOp : SSM_Op<"scan", [IsolatedFromAbove, SingleBlock, RecursiveMemoryEffects, RecursivelySpeculatable, AttrSizedOperandSegments,
    AttrSizedResultSegments, DeclareOpInterfaceMethods<RecurrenceOpInterface>]> {
  let summary = "a step carried over the rows of sequences";
  let description = [{
    The region is run on the rows in order, `chunk` of them at a time: its arguments are the rows of each sequence, the fixed operands
    and the states; it yields rows of the outputs and the states for the next rows. No rows leave the states as they are. With
    `chunk = 1` slices are `[1, ...]`, and the region is the graph of one token; otherwise they are `[?, ...]`, the last run having
    what rows are left.

    Constraints:
    * (C1) there is a sequence; sequences and outputs have the same number of rows.
    * (C2) `chunk` is at least 1.
    * (C3) the region's arguments are a slice of each sequence, the fixed operands and the states.
    * (C4) the region yields a slice of each output and the states; the next states have the states' types.

    Example (test/dialects/ssm/scan.mlir):

    ```mlir
    %y, %next = ssm.scan sequences(%x : tensor<?x64xf32>) fixed(%w : tensor<64xf32>) states(%s : tensor<1x64xf32>)
        -> (tensor<?x64xf32>) next(tensor<1x64xf32>) {
    ^bb0(%row: tensor<1x64xf32>, %weight: tensor<64xf32>, %state: tensor<1x64xf32>):
      %0 = nn.mul %state, %weight : tensor<1x64xf32>, tensor<64xf32>
      %1 = nn.add %0, %row : tensor<1x64xf32>, tensor<1x64xf32>
      ssm.yield outputs(%1 : tensor<1x64xf32>) states(%1 : tensor<1x64xf32>)
    }
    ```

    Lowers to a scan kernel.
  }];
  let arguments = (ins Variadic<NN_FloatTensor>:$sequence_operands, Variadic<NN_AnyTensor>:$fixed_operands,
      Variadic<NN_F32Tensor>:$state_operands, DefaultValuedAttr<NN_I64Attr, "1">:$chunk);
  let results = (outs Variadic<NN_FloatTensor>:$outputs, Variadic<NN_F32Tensor>:$next_states);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    (`chunk` `=` $chunk^)? `sequences` `(` $sequence_operands `:` type($sequence_operands) `)`
    (`fixed` `(` $fixed_operands^ `:` type($fixed_operands) `)`)? (`states` `(` $state_operands^ `:` type($state_operands) `)`)?
    attr-dict-with-keyword `->` `(` type($outputs) `)` (`next` `(` type($next_states)^ `)`)? $body
  }];
  let builders = [OpBuilder<(ins "::mlir::TypeRange":$outputs, "::mlir::ValueRange":$sequences, "::mlir::ValueRange":$fixed,
      "::mlir::ValueRange":$states, "int64_t":$chunk,
      "::llvm::function_ref<::tenon::ssm::Step(::mlir::OpBuilder &, ::mlir::ValueRange, ::mlir::ValueRange, ::mlir::ValueRange)>":$body)>];
  let hasVerifier = 1;
}

def SSM_PrefixOp : SSM_Op<"prefix", [IsolatedFromAbove, SingleBlock, RecursiveMemoryEffects, RecursivelySpeculatable,
    RangedTypesMatchWith<"results have the elements' types", "elements", "prefixes", "$_self">]> {
  let summary = "inclusive scan of rows by an associative operation";
  let description = [{
    `result[t] = elements[0] o ... o elements[t]`, an element being a row of each operand. The region combines many rows at a time, row by
    row: its arguments are the first and then the second operand of the operation, each `[?, ...]`. It must be associative; the order in
    which rows are combined is not defined.

    Constraints:
    * (C1) there is an element; all have the same number of rows.
    * (C2) the region's arguments are the elements twice, of any number of rows.
    * (C3) the region yields the elements as outputs and no states.

    Example (test/dialects/ssm/scan.mlir):

    ```mlir
    %sums = ssm.prefix elements(%x : tensor<?x64xf32>) {
    ^bb0(%first: tensor<?x64xf32>, %second: tensor<?x64xf32>):
      %0 = nn.add %first, %second : tensor<?x64xf32>, tensor<?x64xf32>
      ssm.yield outputs(%0 : tensor<?x64xf32>)
    }
    ```

    Lowers to a scan kernel.
  }];
  let arguments = (ins Variadic<NN_F32Tensor>:$elements);
  let results = (outs Variadic<NN_F32Tensor>:$prefixes);
  let regions = (region SizedRegion<1>:$combine);
  let assemblyFormat = "`elements` `(` $elements `:` type($elements) `)` attr-dict-with-keyword $combine";
  let builders = [OpBuilder<(ins "::mlir::ValueRange":$elements,
      "::llvm::function_ref<::llvm::SmallVector<::mlir::Value>(::mlir::OpBuilder &, ::mlir::ValueRange, ::mlir::ValueRange)>":$combine)>];
  let hasVerifier = 1;
}

def SSM_YieldOp : Op<SSM_Dialect, "yield", [Pure, Terminator, AttrSizedOperandSegments,
    ParentOneOf<["ScanOp", "PrefixOp"]>]> {
  let summary = "what a step gives";
  let description = [{
    Ends the region of a scan with rows of outputs and new states, that of a prefix with a combined element.

    Example (test/dialects/ssm/scan.mlir):

    ```mlir
    ssm.yield outputs(%1 : tensor<1x64xf32>) states(%1 : tensor<1x64xf32>)
    ```
  }];
  let arguments = (ins Variadic<NN_FloatTensor>:$outputs, Variadic<NN_F32Tensor>:$states);
  let assemblyFormat = [{
    (`outputs` `(` $outputs^ `:` type($outputs) `)`)? (`states` `(` $states^ `:` type($states) `)`)? attr-dict
  }];
}

#endif // TENON_DIALECTS_SSM_SCAN
