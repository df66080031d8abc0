// A parameter's bytes are read from its file, which lies beside the module.
// RUN: rm -rf %t && mkdir %t && cp %s %t/model.mlir
// RUN: %python -c "import struct, sys; sys.stdout.buffer.write(b'head' + struct.pack('<4f', 1, 2, 3, 4) + struct.pack('<e16B', 0.5, *range(8, 24)))" > %t/model.bin
// RUN: tenon-interp %t/model.mlir --entry=floats | FileCheck %s --check-prefix=FLOATS
// RUN: tenon-interp %t/model.mlir --entry=blocks --input=input0=1x32xf32=1 | FileCheck %s --check-prefix=BLOCKS
// RUN: tenon-interp %t/model.mlir --entry=pieces | FileCheck %s --check-prefix=PIECES
// RUN: tenon-interp %t/model.mlir --entry=exchanged | FileCheck %s --check-prefix=EXCHANGED
// RUN: tenon-interp %t/model.mlir --entry=every_second | FileCheck %s --check-prefix=SECOND
// RUN: tenon-interp %t/model.mlir --entry=decays | FileCheck %s --check-prefix=DECAYS
// RUN: tenon-interp %t/model.mlir --entry=fading | FileCheck %s --check-prefix=FADING
// RUN: tenon-interp %t/model.mlir --entry=rest | FileCheck %s --check-prefix=REST
// RUN: not tenon-interp %t/model.mlir --entry=short 2>&1 | FileCheck %s --check-prefix=SHORT
// RUN: not tenon-interp %t/model.mlir --entry=beyond 2>&1 | FileCheck %s --check-prefix=BEYOND
// RUN: not tenon-interp %t/model.mlir --entry=missing 2>&1 | FileCheck %s --check-prefix=MISSING
// RUN: tenon-interp %t/model.mlir --entry=table | FileCheck %s --check-prefix=TABLE

nn.param @w.floats : tensor<2x2xf32> from "model.bin" at 4
nn.param @w.blocks : tensor<1x32x!nn.q4_0> from "model.bin" at 20
nn.param @w.beyond : tensor<3x32x!nn.q4_0> from "model.bin" at 20
nn.param @w.missing : tensor<2xf32> from "nowhere.bin" at 0

// FLOATS: output0=2x2xf32=1,2,3,4
func.func @floats() -> tensor<2x2xf32> {
  %w = nn.get_param @w.floats : tensor<2x2xf32>
  return %w : tensor<2x2xf32>
}

// Low nibbles are 8 ... 15, 0 ... 7, high nibbles 0 and 1: half of their sum less 32 times 8.
// BLOCKS: output0=1x1xf32=-64
func.func @blocks(%x: tensor<1x32xf32>) -> tensor<1x1xf32> {
  %w = nn.get_param @w.blocks : tensor<1x32x!nn.q4_0>
  %y = nn.linear %x, %w : tensor<1x32xf32>, tensor<1x32x!nn.q4_0> -> tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}

// BEYOND: expects 54 bytes at offset 20 of '{{.*}}model.bin', but the file has 38
func.func @beyond() -> tensor<3x32x!nn.q4_0> {
  %w = nn.get_param @w.beyond : tensor<3x32x!nn.q4_0>
  return %w : tensor<3x32x!nn.q4_0>
}

// MISSING: cannot open '{{.*}}nowhere.bin'
func.func @missing() -> tensor<2xf32> {
  %w = nn.get_param @w.missing : tensor<2xf32>
  return %w : tensor<2xf32>
}

// TABLE: output0=2xf32=1,0.1
func.func @table() -> tensor<2xf32> {
  %f = nn.constant dense<[1.0, 0.1]> : tensor<2xf32>
  return %f : tensor<2xf32>
}

nn.param @w.pieces : tensor<2x2xf32> of [#nn.rows<#nn.stored<"model.bin" at 4 : tensor<2x2xf32>>[1, 1, 0]>,
    #nn.rows<#nn.stored<"model.bin" at 4 : tensor<2x2xf32>>[0, 1, 0]>] plus 0.5
nn.param @w.exchanged : tensor<1x2xf32> of [#nn.rows<#nn.stored<"model.bin" at 4 : tensor<2x2xf32>>[1, 1, 0]>] transposed
nn.param @w.decays : tensor<2x2xf32> of [#nn.stored<"model.bin" at 4 : tensor<2x2xf32>>] transposed plus -1.0 apply negative_exp
nn.param @w.fading : tensor<2x2xf32> of [#nn.stored<"model.bin" at 4 : tensor<2x2xf32>>] apply negative_softplus
nn.param @w.rest : tensor<2x2xf32> of [#nn.stored<"model.bin" at 4 : tensor<2x2xf32>>] apply one_minus
nn.param @w.second : tensor<2xf32> of [#nn.rows<#nn.stored<"model.bin" at 4 : tensor<4xf32>>[1, 1, 2]>]
nn.param @w.short : tensor<16xf32> of [#nn.stored<"model.bin" at 20 : tensor<16xf16>>]

// The second row comes first, and a half is added to both.
// PIECES: output0=2x2xf32=3.5,4.5,1.5,2.5
func.func @pieces() -> tensor<2x2xf32> {
  %w = nn.get_param @w.pieces : tensor<2x2xf32>
  return %w : tensor<2x2xf32>
}

// A row of the parameter is a column of the file.
// EXCHANGED: output0=1x2xf32=2,4
func.func @exchanged() -> tensor<1x2xf32> {
  %w = nn.get_param @w.exchanged : tensor<1x2xf32>
  return %w : tensor<1x2xf32>
}

// -log(1 + exp(x)) of 1, 2, 3 and 4.
// FADING: output0=2x2xf32=-1.3132616,-2.126928,-3.0485873,-4.01815
func.func @fading() -> tensor<2x2xf32> {
  %w = nn.get_param @w.fading : tensor<2x2xf32>
  return %w : tensor<2x2xf32>
}

// REST: output0=2x2xf32=0,-1,-2,-3
func.func @rest() -> tensor<2x2xf32> {
  %w = nn.get_param @w.rest : tensor<2x2xf32>
  return %w : tensor<2x2xf32>
}

// -exp(x - 1) of columns.
// DECAYS: output0=2x2xf32=-1,-7.389056,-2.7182817,-20.085537
func.func @decays() -> tensor<2x2xf32> {
  %w = nn.get_param @w.decays : tensor<2x2xf32>
  return %w : tensor<2x2xf32>
}

// Rows of a vector are its elements.
// SECOND: output0=2xf32=2,4
func.func @every_second() -> tensor<2xf32> {
  %w = nn.get_param @w.second : tensor<2xf32>
  return %w : tensor<2xf32>
}

// SHORT: cannot be read: '{{.*}}model.bin' ends at byte 38, inside a parameter
func.func @short() -> tensor<16xf32> {
  %w = nn.get_param @w.short : tensor<16xf32>
  return %w : tensor<16xf32>
}
