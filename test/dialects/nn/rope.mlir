// RUN: tenon-opt %s | tenon-opt | FileCheck %s

// CHECK-LABEL: @rope_table
func.func @rope_table(%tokens: tensor<?xi32>, %start: index, %f: tensor<32xf32>) -> tensor<?x64xf32> {
  // CHECK: nn.rope_table %{{.*}}, %{{.*}}, %{{.*}} : tensor<?xi32>, index, tensor<32xf32> -> tensor<?x64xf32>
  %table = nn.rope_table %tokens, %start, %f : tensor<?xi32>, index, tensor<32xf32> -> tensor<?x64xf32>
  // CHECK: nn.rope_table %{{.*}}, %{{.*}}, %{{.*}} {scale = 1.200000e+00 : f32}
  %scaled = nn.rope_table %tokens, %start, %f {scale = 1.2 : f32} : tensor<?xi32>, index, tensor<32xf32> -> tensor<?x64xf32>
  return %table : tensor<?x64xf32>
}

// The default pairing is interleaved.
// CHECK-LABEL: @rope
func.func @rope(%x: tensor<?x9x64xf32>, %table: tensor<?x64xf32>) -> tensor<?x9x64xf32> {
  // CHECK: nn.rope %{{.*}}, %{{.*}} : tensor<?x9x64xf32>, tensor<?x64xf32>
  %y = nn.rope %x, %table {pairing = #nn.pairing<interleaved>} : tensor<?x9x64xf32>, tensor<?x64xf32>
  // CHECK: nn.rope %{{.*}}, %{{.*}} {pairing = #nn.pairing<half>} : tensor<?x9x64xf32>, tensor<?x64xf32>
  %z = nn.rope %y, %table {pairing = #nn.pairing<half>} : tensor<?x9x64xf32>, tensor<?x64xf32>
  return %z : tensor<?x9x64xf32>
}
