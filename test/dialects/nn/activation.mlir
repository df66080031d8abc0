// RUN: tenon-opt %s | tenon-opt | FileCheck %s

// Every op of one operand reads and prints its type once.
// CHECK-LABEL: @unary
func.func @unary(%x: tensor<?x64xf32>) -> tensor<?x64xf32> {
  // CHECK: nn.silu %{{.*}} : tensor<?x64xf32>
  %0 = nn.silu %x : tensor<?x64xf32>
  // CHECK: nn.relu %{{.*}} : tensor<?x64xf32>
  %1 = nn.relu %0 : tensor<?x64xf32>
  // CHECK: nn.relu2 %{{.*}} : tensor<?x64xf32>
  %2 = nn.relu2 %1 : tensor<?x64xf32>
  // CHECK: nn.tanh %{{.*}} : tensor<?x64xf32>
  %3 = nn.tanh %2 : tensor<?x64xf32>
  // CHECK: nn.sigmoid %{{.*}} : tensor<?x64xf32>
  %4 = nn.sigmoid %3 : tensor<?x64xf32>
  // CHECK: nn.exp %{{.*}} : tensor<?x64xf32>
  %5 = nn.exp %4 : tensor<?x64xf32>
  // CHECK: nn.neg %{{.*}} : tensor<?x64xf32>
  %6 = nn.neg %5 : tensor<?x64xf32>
  // CHECK: nn.sqrt %{{.*}} : tensor<?x64xf32>
  %7 = nn.sqrt %6 : tensor<?x64xf32>
  // CHECK: nn.rsqrt %{{.*}} : tensor<?x64xf32>
  %8 = nn.rsqrt %7 : tensor<?x64xf32>
  // CHECK: nn.abs %{{.*}} : tensor<?x64xf32>
  %9 = nn.abs %8 : tensor<?x64xf32>
  // CHECK: nn.quick_gelu %{{.*}} : tensor<?x64xf32>
  %10 = nn.quick_gelu %9 : tensor<?x64xf32>
  // CHECK: nn.softplus %{{.*}} : tensor<?x64xf32>
  %11 = nn.softplus %10 : tensor<?x64xf32>
  // CHECK: nn.sin %{{.*}} : tensor<?x64xf32>
  %12 = nn.sin %11 : tensor<?x64xf32>
  // CHECK: nn.cos %{{.*}} : tensor<?x64xf32>
  %13 = nn.cos %12 : tensor<?x64xf32>
  return %13 : tensor<?x64xf32>
}

// Either bound may be left out.
// CHECK-LABEL: @clamp
func.func @clamp(%x: tensor<?x64xf32>) -> tensor<?x64xf32> {
  // CHECK: nn.clamp %{{.*}} {high = 7.000000e+00 : f32, low = -7.000000e+00 : f32} : tensor<?x64xf32>
  %y = nn.clamp %x {low = -7.0 : f32, high = 7.0 : f32} : tensor<?x64xf32>
  // CHECK: nn.clamp %{{.*}} {high = 7.000000e+00 : f32} : tensor<?x64xf32>
  %z = nn.clamp %y {high = 7.0 : f32} : tensor<?x64xf32>
  return %z : tensor<?x64xf32>
}

// The exact formula of gelu is the default.
// CHECK-LABEL: @gelu
func.func @gelu(%x: tensor<?x64xbf16>) -> tensor<?x64xbf16> {
  // CHECK: nn.gelu %{{.*}} : tensor<?x64xbf16>
  %y = nn.gelu %x {approximate = #nn.approximate<none>} : tensor<?x64xbf16>
  // CHECK: nn.gelu %{{.*}} {approximate = #nn.approximate<tanh>} : tensor<?x64xbf16>
  %z = nn.gelu %y {approximate = #nn.approximate<tanh>} : tensor<?x64xbf16>
  return %z : tensor<?x64xbf16>
}
