// RUN: tenon-opt %s --pass-pipeline='builtin.module(func.func(tenon-lower-lookup{target=x86-64-v4}))' | FileCheck %s --check-prefix=V4
// RUN: tenon-opt %s --pass-pipeline='builtin.module(func.func(tenon-lower-lookup{target=x86-64-v3}))' | FileCheck %s --check-prefix=V3

// A register of either machine; the table is repeated for every 16 bytes.
// V4-LABEL: func.func @register
// V4:         vector.shuffle %{{.*}}, %{{.*}} [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0,
// V4:         llvm.call_intrinsic "llvm.x86.avx512.pshuf.b.512"
// V4-NOT:     llvm.call_intrinsic
// V3-LABEL: func.func @register
// V3-COUNT-2: llvm.call_intrinsic "llvm.x86.avx2.pshuf.b"
// V3-NOT:     llvm.call_intrinsic
func.func @register(%table: vector<16xi8>, %indices: vector<64xi8>) -> vector<64xi8> {
  %r = tile.lookup %table, %indices : vector<16xi8>, vector<64xi8>
  return %r : vector<64xi8>
}

// Sixteen bytes.
// V4-LABEL: func.func @row
// V4:         llvm.call_intrinsic "llvm.x86.ssse3.pshuf.b.128"
// V3-LABEL: func.func @row
// V3:         llvm.call_intrinsic "llvm.x86.ssse3.pshuf.b.128"
func.func @row(%table: vector<16xi8>, %indices: vector<16xi8>) -> vector<16xi8> {
  %r = tile.lookup %table, %indices : vector<16xi8>, vector<16xi8>
  return %r : vector<16xi8>
}

// Four bytes fit no instruction: eight, four, two and one choices.
// V4-LABEL: func.func @odd
// V4-COUNT-15: arith.select
// V4-NOT:      arith.select
func.func @odd(%table: vector<16xi8>, %indices: vector<4xi8>) -> vector<4xi8> {
  %r = tile.lookup %table, %indices : vector<16xi8>, vector<4xi8>
  return %r : vector<4xi8>
}
