// RUN: tenon-opt %s | tenon-opt | FileCheck %s

// CHECK-LABEL: @triangle
func.func @triangle(%x: tensor<?x?x8xf32>, %m: tensor<8x?x?xf32>, %r: tensor<8x?x64xf32>) {
  // CHECK: nn.lower_triangle %{{.*}} diagonal = -1 {fill = 0.000000e+00 : f32} : tensor<?x?x8xf32>
  %y = nn.lower_triangle %x diagonal = -1 {fill = 0.0 : f32} : tensor<?x?x8xf32>
  // CHECK: nn.triangular_solve %{{.*}}, %{{.*}} : tensor<8x?x?xf32>, tensor<8x?x64xf32>
  %x0 = nn.triangular_solve %m, %r : tensor<8x?x?xf32>, tensor<8x?x64xf32>
  return
}
