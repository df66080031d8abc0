// RUN: tenon-opt %s --pass-pipeline='builtin.module(func.func(tenon-expand-math{target=x86-64-v3}))' | FileCheck %s --check-prefixes=CHECK,V3
// RUN: tenon-opt %s --pass-pipeline='builtin.module(func.func(tenon-expand-math{target=x86-64-v4}))' | FileCheck %s --check-prefixes=CHECK,V4
// RUN: not tenon-opt %s --pass-pipeline='builtin.module(func.func(tenon-expand-math{target=abacus}))' 2>&1 | FileCheck %s --check-prefix=UNKNOWN

// UNKNOWN: unknown target abacus

// Scalars and vectors alike; the power of two is made of its bits, where no instruction multiplies by it.
// CHECK-LABEL: func.func @exp2
// CHECK-NOT:     math.exp2
// CHECK:         math.roundeven %{{.*}} : vector<16xf32>
// CHECK-COUNT-6: math.fma
// V3:            arith.bitcast %{{.*}} : vector<16xi32> to vector<16xf32>
// V4:            llvm.call_intrinsic "llvm.x86.avx512.mask.scalef.ps.512"
func.func @exp2(%x: vector<16xf32>) -> vector<16xf32> {
  %y = math.exp2 %x : vector<16xf32>
  return %y : vector<16xf32>
}

// One degree less where the function may be approximate; a finite argument needs no bounds where the multiplication has none.
// The distance to the floor is one instruction too.
// CHECK-LABEL: func.func @approximate
// V4-NOT:        arith.select
// V4-NOT:        math.roundeven
// V4:            llvm.call_intrinsic "llvm.x86.avx512.mask.reduce.ps.512"
// CHECK-COUNT-5: math.fma
// CHECK-NOT:     math.fma
func.func @approximate(%x: vector<16xf32>) -> vector<16xf32> {
  %y = math.exp2 %x fastmath<afn,ninf> : vector<16xf32>
  return %y : vector<16xf32>
}

// The argument of sine and cosine is reduced in f64, so that large positions keep their angle.
// CHECK-LABEL: func.func @cos
// CHECK-NOT:     math.cos
// CHECK:         arith.extf %{{.*}} : f32 to f64
// CHECK:         arith.truncf %{{.*}} : f64 to f32
func.func @cos(%x: f32) -> f32 {
  %y = math.cos %x : f32
  return %y : f32
}

// None of these functions remains, not even inside the expansion of another.
// CHECK-LABEL: func.func @all
// CHECK-NOT:     math.{{exp|log|tanh|erf|sin|cos|rsqrt}}
func.func @all(%x: vector<16xf32>) -> vector<16xf32> {
  %0 = math.exp %x : vector<16xf32>
  %1 = math.log %0 : vector<16xf32>
  %2 = math.log2 %1 : vector<16xf32>
  %3 = math.tanh %2 : vector<16xf32>
  %4 = math.erf %3 : vector<16xf32>
  %5 = math.sin %4 : vector<16xf32>
  %6 = math.rsqrt %5 : vector<16xf32>
  return %6 : vector<16xf32>
}

// Other types are left as they are.
// CHECK-LABEL: func.func @double
// CHECK:         math.exp %{{.*}} : f64
func.func @double(%x: f64) -> f64 {
  %y = math.exp %x : f64
  return %y : f64
}
