// RUN: tenon-opt %s --tenon-quantize-activations | FileCheck %s

// Linears of the same input share its rounding, which stands where the input is made.
// CHECK-LABEL: func.func @shared
// CHECK-SAME:    %[[X:[^:]*]]: tensor<?x64xf32>
func.func @shared(%x: tensor<?x64xf32>, %w: tensor<32x64x!nn.q4_1>) -> (tensor<?x32xf32>, tensor<?x32xf32>) {
  // CHECK:      %[[N:.*]] = nn.neg %[[X]]
  // CHECK-NEXT: %[[Q:.*]] = nn.quantize %[[N]] : tensor<?x64xf32> -> tensor<?x64x!nn.a8>
  // CHECK-NOT:  nn.quantize
  // CHECK:      nn.linear %[[Q]], %{{.*}} : tensor<?x64x!nn.a8>
  // CHECK:      nn.linear %[[Q]], %{{.*}} : tensor<?x64x!nn.a8>
  %n = nn.neg %x : tensor<?x64xf32>
  %a = nn.linear %n, %w {activation = #nn.activation<q8>} : tensor<?x64xf32>, tensor<32x64x!nn.q4_1> -> tensor<?x32xf32>
  %b = nn.linear %n, %w {activation = #nn.activation<q8>} : tensor<?x64xf32>, tensor<32x64x!nn.q4_1> -> tensor<?x32xf32>
  return %a, %b : tensor<?x32xf32>, tensor<?x32xf32>
}

// An argument is rounded at the function's beginning; q8 and q16 are different forms.
// CHECK-LABEL: func.func @argument
func.func @argument(%x: tensor<?x64xf32>, %w: tensor<32x64x!nn.q4_1>) -> (tensor<?x32xf32>, tensor<?x32xf32>) {
  // CHECK-DAG: nn.quantize %{{.*}} : tensor<?x64xf32> -> tensor<?x64x!nn.a8>
  // CHECK-DAG: nn.quantize %{{.*}} : tensor<?x64xf32> -> tensor<?x64x!nn.a16>
  %a = nn.linear %x, %w {activation = #nn.activation<q8>} : tensor<?x64xf32>, tensor<32x64x!nn.q4_1> -> tensor<?x32xf32>
  %b = nn.linear %x, %w {activation = #nn.activation<q16>} : tensor<?x64xf32>, tensor<32x64x!nn.q4_1> -> tensor<?x32xf32>
  return %a, %b : tensor<?x32xf32>, tensor<?x32xf32>
}

// Exact activations, and weights that are not quantised, keep their input.
// CHECK-LABEL: func.func @exact
func.func @exact(%x: tensor<?x64xf32>, %w: tensor<32x64x!nn.q4_1>, %v: tensor<32x64xf32>) -> (tensor<?x32xf32>, tensor<?x32xf32>) {
  // CHECK-NOT: nn.quantize
  // CHECK:     nn.linear %{{.*}}, %{{.*}} : tensor<?x64xf32>, tensor<32x64x!nn.q4_1> -> tensor<?x32xf32>
  // CHECK:     nn.linear %{{.*}}, %{{.*}} : tensor<?x64xf32>, tensor<32x64xf32> -> tensor<?x32xf32>
  %a = nn.linear %x, %w {activation = #nn.activation<f32>} : tensor<?x64xf32>, tensor<32x64x!nn.q4_1> -> tensor<?x32xf32>
  %b = nn.linear %x, %v {activation = #nn.activation<q8>} : tensor<?x64xf32>, tensor<32x64xf32> -> tensor<?x32xf32>
  return %a, %b : tensor<?x32xf32>, tensor<?x32xf32>
}
