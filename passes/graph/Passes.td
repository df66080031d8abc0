//===- Passes.td - from the graph to fused kernels ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_PASSES_GRAPH_PASSES
#define TENON_PASSES_GRAPH_PASSES

include "mlir/Pass/PassBase.td"

def VerifyGraphPass : Pass<"tenon-verify-graph", "::mlir::ModuleOp"> {
  let summary = "checks the contract of the graph level";
  let description = [{
    What a frontend hands over, and what the passes below assume:

    * the module holds `nn.param`, `cache.declare`, `decode.generate` and functions, nothing else, and at least one function is
      an entry (`tenon.entry`);
    * functions have one block and hold calls, constants and ops with an executable meaning (`EvalOpInterface`);
    * calls are of functions of the module with a body, and do not recurse;
    * of a tensor only the first dimension is dynamic, and no tensor is packed;
    * an entry takes and gives tensors of floats and integers, the first input being the call's tokens.

    All violations are reported, each with the model path.
  }];
}

def QuantizeActivationsPass : Pass<"tenon-quantize-activations", "::mlir::ModuleOp"> {
  let summary = "makes the rounding of a linear's input an op, shared by all that read it";
  let description = [{
    ```mlir
    %q = nn.linear %x, %wq {activation = #nn.activation<q8>} : tensor<?x64xf32>, tensor<64x64x!nn.q4_1> -> tensor<?x64xf32>
    %k = nn.linear %x, %wk {activation = #nn.activation<q8>} : tensor<?x64xf32>, tensor<32x64x!nn.q4_1> -> tensor<?x32xf32>
    ```
    becomes
    ```mlir
    %r = nn.quantize %x : tensor<?x64xf32> -> tensor<?x64x!nn.a8>
    %q = nn.linear %r, %wq : tensor<?x64x!nn.a8>, tensor<64x64x!nn.q4_1> -> tensor<?x64xf32>
    %k = nn.linear %r, %wk : tensor<?x64x!nn.a8>, tensor<32x64x!nn.q4_1> -> tensor<?x32xf32>
    ```
    A linear with `activation` f32, or with weights that are not quantised, keeps its input.
  }];
  let dependentDialects = ["::tenon::nn::NNDialect"];
}

def FuseKernelsPass : Pass<"tenon-fuse-kernels", "::mlir::ModuleOp"> {
  let summary = "decides which ops are computed together";
  let description = [{
    Groups grow from anchors. Linears of one input are one contraction; the ops that follow join it as long as an emitter takes them
    there (`tile::KernelPartInterface`), no value inside is needed outside as well, and no other op stands between. Attention takes the
    view of its slot, and what follows. A recurrence takes the reads and writes of its slots, what follows, and the elementwise ops and
    slices that only make its sequences. All ops that are left are rowwise kernels, grown the same way. Order on state slots is kept.

    ```mlir
    %a = nn.linear %x, %gate : tensor<?x64xf32>, tensor<128x64xf32> -> tensor<?x128xf32>
    %b = nn.linear %x, %up : tensor<?x64xf32>, tensor<128x64xf32> -> tensor<?x128xf32>
    %s = nn.silu %a : tensor<?x128xf32>
    %y = nn.mul %s, %b : tensor<?x128xf32>, tensor<?x128xf32>
    ```
    becomes
    ```mlir
    %y = tile.group family(contraction) (%x, %gate, %up) : (...) -> tensor<?x128xf32> {
      ... the four ops
    }
    ```
    What joins is a passed remark, what stays outside a missed one with the reason. An op that no family takes is left where it is;
    `tenon-verify-kernel` reports it.
  }];
  let dependentDialects = ["::tenon::tile::TileDialect"];
}

def OutlineKernelsPass : Pass<"tenon-outline-kernels", "::mlir::ModuleOp"> {
  let summary = "makes every group a kernel of the module, equal ones the same";
  let description = [{
    A kernel is named by its ops and by the hash of its text, so it has the same name in every compile; groups of the same text share one
    kernel, whose location names the model's parts that it computes.

    ```mlir
    %y = tile.group family(rowwise) (%x, %w) : (tensor<?x64xf32>, tensor<64xf32>) -> tensor<?x64xf32> { ... nn.rms_norm ... }
    ```
    becomes
    ```mlir
    tile.kernel @rms_norm_1a2b3c4d family(rowwise) (%x: tensor<?x64xf32>, %w: tensor<64xf32>) -> tensor<?x64xf32> { ... nn.rms_norm ... }
    %y = tile.launch @rms_norm_1a2b3c4d(%x, %w) : (tensor<?x64xf32>, tensor<64xf32>) -> tensor<?x64xf32>
    ```
  }];
  let dependentDialects = ["::tenon::tile::TileDialect"];
}

def PackWeightsPass : Pass<"tenon-pack-weights", "::mlir::ModuleOp"> {
  let summary = "gives weights of linears and embeddings their packed layout";
  let description = [{
    A layout belongs to a parameter, so it is decided for all values that may be the same one, through calls and launches, and written into
    their types:

    ```mlir
    nn.param @w : tensor<64x64x!nn.q4_1> from "model.gguf" at 0
    ```
    becomes
    ```mlir
    nn.param @w : tensor<64x64x!nn.q4_1, #tile.panels<16>> from "model.gguf" at 0
    ```
    A table of tokens that is also the head's weight has one packed form, which both read. A parameter that is read as a matrix of a linear
    in one place and as plain rows in another is an error that names both.
  }];
  let dependentDialects = ["::tenon::tile::TileDialect"];
}

def VerifyKernelPass : Pass<"tenon-verify-kernel", "::mlir::ModuleOp"> {
  let summary = "checks the contract of the kernel level";
  let description = [{
    * Host functions hold `tile.launch`, calls, `return`, `nn.get_param`, `nn.constant`, `cache.get` and `cache.length`; any other op is one
      that no kernel family takes, and is reported with the reason.
    * A kernel obeys the grammar of its family (dialects/tile/KernelPart.h): a contraction has linears of one input, which is an argument,
      with weights in panels; an attention kernel has one attention; a scan kernel one recurrence; a rowwise kernel no anchor. Every other
      op has a part in the family, its operands are arguments where the part wants arguments, and its rows are the kernel's.
    * What a kernel yields is used nowhere else in it, unless it is rowwise.

    All violations are reported, each with the model path.
  }];
  // The dialect attaches the parts of kernels to the ops of others.
  let dependentDialects = ["::tenon::tile::TileDialect"];
}

def ExpandRecurrencesPass : Pass<"tenon-expand-recurrences", "::mlir::ModuleOp"> {
  let summary = "writes recurrences out in one of their forms";
  let description = [{
    Each op that is defined by a step becomes the graph of a form: `step`, the step in place, for one row; `sequential`, a scan of the step;
    `chunked`, a scan of the closed form of many rows; `prefix`, a scan of elements by an associative operation.

    ```mlir
    %y, %next = ssm.lru %x, %g state %s : tensor<?x64xf32>, tensor<64xf32>, tensor<1x64xf32>
    ```
    becomes, as `sequential`,
    ```mlir
    %y, %next = ssm.scan sequences(%x : tensor<?x64xf32>) fixed(%g : tensor<64xf32>) states(%s : tensor<1x64xf32>)
        -> (tensor<?x64xf32>) next(tensor<1x64xf32>) { ... exp, mul, add ... }
    ```
    An op of one row becomes its step, whatever is asked for. An op without the form, or of more rows than one where a step is asked for, is
    left as it is, with the reason as a missed remark. For reading what an op means, and for comparing; code is made of the ops as they are.
  }];
  let options = [Option<"form", "form", "std::string", "\"sequential\"", "step, sequential, chunked or prefix">,
                 Option<"chunk", "chunk", "int64_t", "64", "rows that the chunked form takes at a time">];
  let dependentDialects = ["::tenon::nn::NNDialect", "::tenon::ssm::SSMDialect"];
}

def ConvolveLtiPass : Pass<"tenon-convolve-lti", "::mlir::ModuleOp"> {
  let summary = "makes diagonal state spaces convolutions with kernels made at compile time";
  let description = [{
    Where the parameters of `ssm.lti` are constants and the state is that of the start, all zeros, the op is a causal convolution with
    `length` taps, computed in double precision:

    ```mlir
    %y, %next = ssm.lti %x, %g, %p, %b, %c state %zeros : tensor<64x8xf32>, ...
    ```
    becomes
    ```mlir
    %w = nn.constant dense<...> : tensor<8x64xf32>
    %y, %last = ssm.causal_conv %x, %w state %start : tensor<64x8xf32>, tensor<8x64xf32>, tensor<63x8xf32>
    ```
    A sequence that is longer than the kernel would lose what lies further back, which is an error; an op whose parameters are not
    known, or whose last state is read, is left as it is, with the reason as a missed remark.
  }];
  let options = [Option<"length", "length", "int64_t", "64", "taps of the kernels">];
  let dependentDialects = ["::tenon::nn::NNDialect", "::tenon::ssm::SSMDialect"];
}

def VerifyRecurrencesPass : Pass<"tenon-verify-recurrences", "::mlir::ModuleOp"> {
  let summary = "proves the forms of recurrences equal on random values";
  let description = [{
    For each op that is defined by a step, every form that it has is evaluated in f64 on random values, with decays from none to nearly
    everything and states that rows have led to, and compared with the step alone: all lengths, all chunk sizes, and sequences cut in two
    with the state handed over. A table says what was compared and the largest error, relative to the largest number of a result; one above
    `tolerance` is an error. The module is not changed.

    ```
    ssm.ssd at "blk.0.ssm"
      form        chunk  sequences  largest error
      sequential      1         24  0.0e+00
      chunked        16         24  3.1e-16
      prefix          -         24  4.4e-16
    ```
  }];
  let options = [ListOption<"lengths", "lengths", "int64_t", "rows of the sequences (0,1,7,33,100,259)">,
                 ListOption<"chunks", "chunks", "int64_t", "chunk sizes (1,2,3,8,16,64,300)">,
                 Option<"tolerance", "tolerance", "double", "1e-10", "largest relative error">];
  let dependentDialects = ["::tenon::nn::NNDialect", "::tenon::ssm::SSMDialect"];
}

#endif // TENON_PASSES_GRAPH_PASSES
