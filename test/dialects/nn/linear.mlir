// RUN: tenon-opt %s | tenon-opt | FileCheck %s

// CHECK-LABEL: @embedding
func.func @embedding(%tokens: tensor<?xi32>, %table: tensor<256x64x!nn.q8_0>) -> tensor<?x64xf32> {
  // CHECK: nn.embedding %{{.*}}, %{{.*}} : tensor<?xi32>, tensor<256x64x!nn.q8_0> -> tensor<?x64xf32>
  %x = nn.embedding %tokens, %table : tensor<?xi32>, tensor<256x64x!nn.q8_0> -> tensor<?x64xf32>
  return %x : tensor<?x64xf32>
}

// A quantised weight may ask for its input to be rounded; f32 is the default and is not printed.
// CHECK-LABEL: @linear
func.func @linear(%x: tensor<?x64xf32>, %w: tensor<32x64x!nn.q4_1>, %v: tensor<32x64xf32>, %b: tensor<32xf32>)
    -> (tensor<?x32xf32>, tensor<?x32xf32>) {
  // CHECK: nn.linear %{{.*}}, %{{.*}} {activation = #nn.activation<q8>} : tensor<?x64xf32>, tensor<32x64x!nn.q4_1> -> tensor<?x32xf32>
  %y = nn.linear %x, %w {activation = #nn.activation<q8>} : tensor<?x64xf32>, tensor<32x64x!nn.q4_1> -> tensor<?x32xf32>
  // CHECK: nn.linear %{{.*}}, %{{.*}}, bias %{{.*}} : tensor<?x64xf32>, tensor<32x64xf32>, tensor<32xf32> -> tensor<?x32xf32>
  %z = nn.linear %x, %v, bias %b : tensor<?x64xf32>, tensor<32x64xf32>, tensor<32xf32> -> tensor<?x32xf32>
  return %y, %z : tensor<?x32xf32>, tensor<?x32xf32>
}

// An input of blocks has been rounded before.
// CHECK-LABEL: @rounded
func.func @rounded(%x: tensor<?x64x!nn.a8>, %w: tensor<32x64x!nn.q4_1>) -> tensor<?x32xf32> {
  // CHECK: nn.linear %{{.*}} : tensor<?x64x!nn.a8>, tensor<32x64x!nn.q4_1> -> tensor<?x32xf32>
  %y = nn.linear %x, %w : tensor<?x64x!nn.a8>, tensor<32x64x!nn.q4_1> -> tensor<?x32xf32>
  return %y : tensor<?x32xf32>
}

// CHECK-LABEL: @head_linear
func.func @head_linear(%x: tensor<?x16x128xf32>, %w: tensor<16x512x128xbf16>) -> tensor<?x16x512xf32> {
  // CHECK: nn.head_linear %{{.*}}, %{{.*}} : tensor<?x16x128xf32>, tensor<16x512x128xbf16> -> tensor<?x16x512xf32>
  %y = nn.head_linear %x, %w : tensor<?x16x128xf32>, tensor<16x512x128xbf16> -> tensor<?x16x512xf32>
  // CHECK: nn.head_linear %{{.*}}, %{{.*}} {transposed} : tensor<?x16x512xf32>, tensor<16x512x128xbf16> -> tensor<?x16x128xf32>
  %z = nn.head_linear %y, %w {transposed} : tensor<?x16x512xf32>, tensor<16x512x128xbf16> -> tensor<?x16x128xf32>
  return %y : tensor<?x16x512xf32>
}

// CHECK-LABEL: @matmul
func.func @matmul(%a: tensor<2x?x64xf16>, %b: tensor<2x64x32xf16>) -> tensor<2x?x32xf16> {
  // CHECK: nn.matmul %{{.*}}, %{{.*}} : tensor<2x?x64xf16>, tensor<2x64x32xf16> -> tensor<2x?x32xf16>
  %c = nn.matmul %a, %b : tensor<2x?x64xf16>, tensor<2x64x32xf16> -> tensor<2x?x32xf16>
  return %c : tensor<2x?x32xf16>
}
