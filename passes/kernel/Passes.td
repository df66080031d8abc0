//===- Passes.td - passes over kernels ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_PASSES_KERNEL_PASSES
#define TENON_PASSES_KERNEL_PASSES

include "mlir/Pass/PassBase.td"

def TargetOption : Option<"target", "target", "std::string", "\"x86-64-v4\"",
                            "machine to compile for: x86-64-v3, x86-64-v4, native, sm_80, ...">;

def ChooseSchedulePass : Pass<"tenon-choose-schedule", "::mlir::ModuleOp"> {
  let summary = "gives every kernel the cheapest schedule of its family on the target";
  let description = [{
    ```mlir
    tile.kernel @linear_9f family(contraction) (...) -> tensor<?x576xf32> { ... }
    ```
    becomes
    ```mlir
    tile.kernel @linear_9f family(contraction) (...) -> tensor<?x576xf32>
        attributes {schedule = #tile.schedule<width = 16, rows = 6, panels = 2, gemv_panels = 4>} { ... }
    ```
    A schedule that is there already is kept. An analysis remark lists the candidates with their costs. `form` takes the cheapest
    schedule of that form for every scan that has one.
  }];
  let dependentDialects = ["::tenon::tile::TileDialect"];
  let options = [TargetOption,
                 Option<"form", "form", "std::string", "\"\"", "form of scans: sequential or chunked; the cheapest if empty">];
}

def EmitCpuKernelsPass : Pass<"tenon-emit-cpu-kernels", "::mlir::ModuleOp"> {
  let summary = "writes every kernel as a function of loops and vectors";
  let description = [{
    ```mlir
    tile.kernel @neg_1a family(rowwise) (%x: tensor<?x16xf32>) -> tensor<?x16xf32> attributes {schedule = #tile.schedule<width = 16>} {
      %y = nn.neg %x : tensor<?x16xf32>
      tile.yield %y : tensor<?x16xf32>
    }
    ```
    becomes
    ```mlir
    func.func private @neg_1a(%thread: index, %threads: index, %tokens: index, %position: index,
                              %x: memref<?x16xf32>, %y: memref<?x16xf32>) attributes {tenon.kernel} {
      ... scf.for over the thread's rows, vector.load, arith.negf, vector.store
    }
    ```
    Every kernel needs a schedule (`tenon-choose-schedule`). What cannot be emitted is an error at the op that it is about; all kernels are
    tried before the pass fails.
  }];
  let dependentDialects = ["::mlir::amx::AMXDialect", "::mlir::arith::ArithDialect", "::mlir::func::FuncDialect",
                           "::mlir::math::MathDialect", "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect",
                           "::mlir::vector::VectorDialect", "::tenon::tile::TileDialect"];
  let options = [TargetOption];
}

def EmitGpuKernelsPass : Pass<"tenon-emit-gpu-kernels", "::mlir::ModuleOp"> {
  let summary = "writes every kernel as functions of a GPU";
  let description = [{
    ```mlir
    tile.kernel @neg_1a family(rowwise) (%x: tensor<?x64xf32>) -> tensor<?x64xf32> { ... }
    ```
    stays, with `stages = #tile.stages<...>` that say how it is launched, and a module `@device` gets its functions:
    ```mlir
    gpu.module @device {
      llvm.func @neg_1a(%call: !llvm.ptr, %x: !llvm.ptr, %y: !llvm.ptr) attributes {nvvm.kernel, nvvm.reqntid = array<i32: 32, 1, 1>} {
        ... a block takes a row, a thread four columns at a time
      }
    }
    ```
    What cannot be emitted is an error at the op that it is about; all kernels are tried before the pass fails.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::gpu::GPUDialect", "::mlir::math::MathDialect",
                           "::mlir::memref::MemRefDialect", "::mlir::NVVM::NVVMDialect", "::mlir::scf::SCFDialect",
                           "::mlir::vector::VectorDialect", "::mlir::LLVM::LLVMDialect", "::tenon::tile::TileDialect"];
  let options = [Option<"target", "target", "std::string", "\"sm_80\"", "GPU to compile for: sm_80, sm_86, sm_89, sm_90a, ...">];
}

def ExpandMathPass : Pass<"tenon-expand-math"> {
  let summary = "writes transcendental functions of f32 as polynomials";
  let description = [{
    ```mlir
    %y = math.exp2 %x : vector<16xf32>
    ```
    becomes the split of x into an integer and a fraction, a polynomial of degree 6 of the fraction (5 where the op has `afn`), and a
    multiplication by the power of two, in one instruction with `avx512dq`: no call of a math library remains in compiled code.
    exp, exp2, log,
    log2, tanh, erf and rsqrt are within a few units of the last place, results below 2^-125.5 being 0; sin and cos reduce their argument
    in f64 and are exact to f32 for magnitudes below 2^31. On a GPU exp2 with `afn` is the instruction ex2.approx.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::math::MathDialect", "::mlir::ub::UBDialect",
                           "::mlir::vector::VectorDialect", "::mlir::LLVM::LLVMDialect"];
  let options = [TargetOption];
}

def LowerIntDotPass : Pass<"tenon-lower-int-dot"> {
  let summary = "writes integer dot products in the target's instructions";
  let description = [{
    ```mlir
    %r = tile.int_dot %acc, %w, %a small : vector<16xi32>, vector<64xi8>
    ```
    becomes, with `avx512vnni`,
    ```mlir
    %r = llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.512"(%acc, %w, %a) : ...
    ```
    two calls of the 256-bit form with `avxvnni`, `vpmaddubsw` and `vpmaddwd` with `avx2` (twice each when the unsigned bytes may be large,
    since pairs of products would saturate), and widened products on other machines.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::vector::VectorDialect", "::mlir::LLVM::LLVMDialect"];
  let options = [TargetOption];
}

def LowerLookupPass : Pass<"tenon-lower-lookup"> {
  let summary = "writes lookups in small tables in the target's instructions";
  let description = [{
    ```mlir
    %r = tile.lookup %table, %indices : vector<16xi8>, vector<64xi8>
    ```
    becomes, with `avx512bw`,
    ```mlir
    %wide = vector.shuffle %table, %table [0, ..., 15, 0, ..., 15, ...] : vector<16xi8>, vector<16xi8>
    %r = llvm.call_intrinsic "llvm.x86.avx512.pshuf.b.512"(%wide, %indices) : ...
    ```
    the forms of 32 and of 16 bytes with `avx2` and `ssse3`, and choices bit by bit on other machines.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::vector::VectorDialect", "::mlir::LLVM::LLVMDialect"];
  let options = [TargetOption];
}

#endif // TENON_PASSES_KERNEL_PASSES
