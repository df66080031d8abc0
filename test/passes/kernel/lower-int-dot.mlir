// RUN: tenon-opt %s --pass-pipeline='builtin.module(func.func(tenon-lower-int-dot{target=x86-64-v4}))' | FileCheck %s --check-prefix=V4
// RUN: tenon-opt %s --pass-pipeline='builtin.module(func.func(tenon-lower-int-dot{target=x86-64-v3}))' | FileCheck %s --check-prefix=V3

// V4-LABEL: func.func @small
// V4:         llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.512"(%{{.*}}, %{{.*}}, %{{.*}}) : (vector<16xi32>, vector<64xi8>, vector<64xi8>)
// Two halves, and in each one multiplication of bytes and one of halfwords.
// V3-LABEL: func.func @small
// V3-COUNT-2: llvm.x86.avx2.pmadd.ub.sw
// V3-NOT:     llvm.x86.avx2.pmadd.ub.sw
func.func @small(%acc: vector<16xi32>, %w: vector<64xi8>, %a: vector<64xi8>) -> vector<16xi32> {
  %r = tile.int_dot %acc, %w, %a small : vector<16xi32>, vector<64xi8>
  return %r : vector<16xi32>
}

// Dot products into one sum add halfwords first: two multiplications of bytes a half, one of halfwords.
// V3-LABEL: func.func @chain
// V3-COUNT-2: llvm.x86.avx2.pmadd.ub.sw
// V3:         arith.addi %{{.*}} : vector<16xi16>
// V3:         llvm.x86.avx2.pmadd.wd
// V3-COUNT-2: llvm.x86.avx2.pmadd.ub.sw
// V3:         llvm.x86.avx2.pmadd.wd
// V3-NOT:     llvm.x86.avx2.pmadd
func.func @chain(%acc: vector<16xi32>, %w: vector<64xi8>, %a: vector<64xi8>) -> vector<16xi32> {
  %0 = tile.int_dot %acc, %w, %a small : vector<16xi32>, vector<64xi8>
  %1 = tile.int_dot %0, %a, %w small : vector<16xi32>, vector<64xi8>
  return %1 : vector<16xi32>
}

// Unsigned bytes of any size: their high bits are multiplied apart, since pairs of products would saturate.
// V4-LABEL: func.func @large
// V4:         llvm.x86.avx512.vpdpbusd.512
// V3-LABEL: func.func @large
// V3-COUNT-4: llvm.x86.avx2.pmadd.ub.sw
func.func @large(%acc: vector<16xi32>, %w: vector<64xi8>, %a: vector<64xi8>) -> vector<16xi32> {
  %r = tile.int_dot %acc, %w, %a : vector<16xi32>, vector<64xi8>
  return %r : vector<16xi32>
}

// Four lanes fit no instruction.
// V4-LABEL: func.func @narrow
// V4:         arith.extui
// V4-COUNT-4: vector.shuffle
func.func @narrow(%acc: vector<4xi32>, %w: vector<16xi8>, %a: vector<16xi8>) -> vector<4xi32> {
  %r = tile.int_dot %acc, %w, %a : vector<4xi32>, vector<16xi8>
  return %r : vector<4xi32>
}
