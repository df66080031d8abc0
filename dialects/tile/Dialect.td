//===- Dialect.td - the tile dialect and its attributes ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_DIALECTS_TILE_DIALECT
#define TENON_DIALECTS_TILE_DIALECT

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/TensorEncoding.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"

def Tile_Dialect : Dialect {
  let name = "tile";
  let cppNamespace = "::tenon::tile";
  let summary = "fused kernels, their schedules and packed layouts";
  let description = [{
    A fused kernel is an isolated region of graph ops with a family, which says who emits it, and a
    schedule, which says how. No arithmetic is spelled a second time here: the region keeps its `nn` and
    `cache` ops, so the evaluator runs it as it is.
  }];
  let useDefaultAttributePrinterParser = 1;
  let dependentDialects = ["::tenon::nn::NNDialect", "::tenon::moe::MoeDialect", "::tenon::cache::CacheDialect",
                           "::tenon::ssm::SSMDialect"];
}

def Tile_Family : I32EnumAttr<"Family", "who emits a kernel", [
    I32EnumAttrCase<"contraction", 0>, I32EnumAttrCase<"attention", 1>, I32EnumAttrCase<"scan", 2>,
    I32EnumAttrCase<"rowwise", 3>, I32EnumAttrCase<"grouped", 4>]> {
  let cppNamespace = "::tenon::tile";
  let genSpecializedAttr = 0;
}
def Tile_FamilyAttr : EnumAttr<Tile_Dialect, Tile_Family, "family">;

def Tile_PanelsAttr : AttrDef<Tile_Dialect, "Panels", [DeclareAttrInterfaceMethods<VerifiableTensorEncoding>]> {
  let mnemonic = "panels";
  let summary = "a weight matrix packed as panels of channels";
  let description = [{
    The encoding of a weight [N, K] whose bytes are panels of `channels` output channels, N filled up with
    channels of zeros, or of weights [E, N, K], one such matrix after the other. Panels follow one another; within
    a panel k ascends. Floats are stored as [k][channel];
    blocks as vectors of 4-byte groups, one a channel, then the block's scales by channel (see
    codegen/package/Panels.h). The layout does not change what the tensor means.

    Constraints:
    * (C1) `channels` is 16.
    * (C2) the tensor has rank 2 or 3.
    * (C3) the tensor's shape is static.

    Example (test/dialects/tile/panels.mlir):

    ```mlir
    tensor<576x576x!nn.q4_1, #tile.panels<16>>
    ```
  }];
  let parameters = (ins "int64_t":$channels);
  let assemblyFormat = "`<` $channels `>`";
  let genVerifyDecl = 1;
}

def Tile_ScanForm : I32EnumAttr<"ScanForm", "how the rows of a recurrence are gone through", [
    I32EnumAttrCase<"unchosen", 0>, I32EnumAttrCase<"sequential", 1>, I32EnumAttrCase<"chunked", 2>]> {
  let cppNamespace = "::tenon::tile";
  let genSpecializedAttr = 0;
}

// A number of a schedule; 0 says that nothing is chosen.
class Tile_Choice<string text> : DefaultValuedParameter<"int64_t", "0", text>;

def Tile_ScheduleAttr : AttrDef<Tile_Dialect, "Schedule"> {
  let mnemonic = "schedule";
  let summary = "how a kernel is emitted";
  let description = [{
    The numbers that a family's emitter works by. A schedule never changes results, the form of a scan apart: the order of every sum is
    fixed by the model. A scan goes through its rows in order (`sequential`), or takes many at a time by a closed form (`chunked`). Choices
    that are not made are 0 and not printed; a family ignores those that it has no use for.

    Constraints:
    * (C1) no choice is negative.

    Example (test/dialects/tile/schedule.mlir):

    ```mlir
    #tile.schedule<width = 16, rows = 6, panels = 2, gemv_panels = 4>
    ```
  }];
  let parameters = (ins
      Tile_Choice<"f32 lanes of a vector">:$width,
      Tile_Choice<"rows of the register tile, when there are many rows">:$rows,
      Tile_Choice<"panels of the register tile, when there are many rows">:$panels,
      Tile_Choice<"panels in flight, one stream each, when there is one row">:$gemv_panels,
      Tile_Choice<"rows that one thread takes at a time">:$row_block,
      Tile_Choice<"panels that one thread takes at a time">:$panel_block,
      Tile_Choice<"positions of keys and values in one step of the online softmax">:$kv_block,
      Tile_Choice<"query rows that share the keys in registers">:$query_rows,
      Tile_Choice<"repetitions of the innermost loop's body">:$unroll,
      DefaultValuedParameter<"::tenon::tile::ScanForm", "::tenon::tile::ScanForm::unchosen", "the form of a scan">:$form,
      Tile_Choice<"rows of a scan that are taken at a time">:$chunk,
      Tile_Choice<"elements of a channel's state that are in registers at a time">:$states);
  let assemblyFormat = "(`<` struct(params)^ `>`)?";
  let builders = [
    // The families without a recurrence.
    AttrBuilder<(ins "int64_t":$width, "int64_t":$rows, "int64_t":$panels, "int64_t":$gemvPanels, "int64_t":$rowBlock,
                     "int64_t":$panelBlock, "int64_t":$kvBlock, "int64_t":$queryRows, "int64_t":$unroll), [{
      return $_get($_ctxt, width, rows, panels, gemvPanels, rowBlock, panelBlock, kvBlock, queryRows, unroll, ScanForm::unchosen, 0, 0);
    }]>,
    // The scan family.
    AttrBuilder<(ins "int64_t":$width, "::tenon::tile::ScanForm":$form, "int64_t":$chunk, "int64_t":$states), [{
      return $_get($_ctxt, width, 0, 0, 0, 0, 0, 0, 0, 0, form, chunk, states);
    }]>];
  let genVerifyDecl = 1;
}

def Tile_StageAttr : AttrDef<Tile_Dialect, "Stage"> {
  let mnemonic = "stage";
  let summary = "how one function of a GPU kernel is launched";
  let description = [{
    A kernel's stages run one after another with the same parameters. `threads` are those of a block. In each dimension the grid has
    `grid` blocks, times the call's tokens divided by `rows`, rounded up, where `rows` is not 0. `shared` is the bytes of dynamic shared
    memory of a block.

    Constraints:
    * (C1) there are three of `threads`, `grid` and `rows`; `threads` and `grid` are positive, `rows` and `shared` not negative.

    Example (test/dialects/tile/stages.mlir):

    ```mlir
    #tile.stage<"norm_1a", threads = 128, 1, 1 grid = 1, 1, 1 rows = 1, 0, 0 shared = 32>
    ```
  }];
  let parameters = (ins "::mlir::StringAttr":$name, ArrayRefParameter<"int64_t">:$threads, ArrayRefParameter<"int64_t">:$grid,
                        ArrayRefParameter<"int64_t">:$rows, "int64_t":$shared);
  let assemblyFormat = [{
    `<` $name `,` `threads` `=` $threads `grid` `=` $grid `rows` `=` $rows `shared` `=` $shared `>`
  }];
  let genVerifyDecl = 1;
}

def Tile_StagesAttr : AttrDef<Tile_Dialect, "Stages"> {
  let mnemonic = "stages";
  let summary = "how a GPU kernel is launched";
  let description = [{
    The stages of a kernel, and the bytes of the workspace that they share: `workspace` and `per_token` more for each token of the call.
    With a workspace the functions have its address as their last parameter.

    Constraints:
    * (C1) `workspace` and `per_token` are not negative.

    Example (test/dialects/tile/stages.mlir):

    ```mlir
    #tile.stages<workspace = 0 per_token = 256 [#tile.stage<"norm_1a", threads = 128, 1, 1 grid = 1, 1, 1 rows = 1, 0, 0 shared = 32>]>
    ```
  }];
  let parameters = (ins "int64_t":$workspace, "int64_t":$per_token, ArrayRefParameter<"::tenon::tile::StageAttr">:$stages);
  let assemblyFormat = "`<` `workspace` `=` $workspace `per_token` `=` $per_token `[` $stages `]` `>`";
  let genVerifyDecl = 1;
}

#endif // TENON_DIALECTS_TILE_DIALECT
