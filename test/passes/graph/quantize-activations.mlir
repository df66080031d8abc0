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

// What is dispatched is rounded once a token, before it, and linears of experts share the dispatch as well. With weights the dispatch computes,
// and its result is rounded.
// CHECK-LABEL: func.func @experts
func.func @experts(%x: tensor<?x64xf32>, %w: tensor<8x32x64x!nn.q4_0>, %r: !moe.routing<experts = 8, used = 2>)
    -> (tensor<?x2x32xf32>, tensor<?x2x32xf32>, tensor<?x2x32xf32>) {
  // CHECK:      %[[Q:.*]] = nn.quantize %{{.*}} : tensor<?x64xf32> -> tensor<?x64x!nn.a8>
  // CHECK:      %[[D:.*]] = moe.dispatch %[[Q]], %{{.*}} : tensor<?x64x!nn.a8>
  // CHECK:      moe.grouped_linear %[[D]],
  // CHECK:      moe.grouped_linear %[[D]],
  // CHECK:      %[[W:.*]] = moe.dispatch %{{.*}} {weighted} : tensor<?x64xf32>
  // CHECK:      %[[QW:.*]] = nn.quantize %[[W]] : tensor<?x2x64xf32>
  // CHECK:      moe.grouped_linear %[[QW]],
  %d = moe.dispatch %x, %r : tensor<?x64xf32>, !moe.routing<experts = 8, used = 2> -> tensor<?x2x64xf32>
  %a = moe.grouped_linear %d, %w, %r {activation = #nn.activation<q8>} : tensor<?x2x64xf32>, tensor<8x32x64x!nn.q4_0>, !moe.routing<experts = 8, used = 2> -> tensor<?x2x32xf32>
  %b = moe.grouped_linear %d, %w, %r {activation = #nn.activation<q8>} : tensor<?x2x64xf32>, tensor<8x32x64x!nn.q4_0>, !moe.routing<experts = 8, used = 2> -> tensor<?x2x32xf32>
  %e = moe.dispatch %x, %r {weighted} : tensor<?x64xf32>, !moe.routing<experts = 8, used = 2> -> tensor<?x2x64xf32>
  %c = moe.grouped_linear %e, %w, %r {activation = #nn.activation<q8>} : tensor<?x2x64xf32>, tensor<8x32x64x!nn.q4_0>, !moe.routing<experts = 8, used = 2> -> tensor<?x2x32xf32>
  return %a, %b, %c : tensor<?x2x32xf32>, tensor<?x2x32xf32>, tensor<?x2x32xf32>
}
