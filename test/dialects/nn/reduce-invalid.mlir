// RUN: tenon-opt %s --split-input-file --verify-diagnostics

func.func @reduce_c1(%x: tensor<?x64xf32>) {
  // expected-error @below {{expects a dim of at least 0 and less than the rank 2, but got 2}}
  %0 = nn.reduce sum %x dim = 2 : tensor<?x64xf32> -> tensor<?xf32>
  return
}

// -----

func.func @reduce_c2(%x: tensor<?x64xf32>) {
  // expected-error @below {{expects the result shape [64], but got [32]}}
  %0 = nn.reduce sum %x dim = 0 : tensor<?x64xf32> -> tensor<32xf32>
  return
}

// -----

func.func @reduce_c3(%x: tensor<?x64xf32>) {
  // expected-error @below {{expects the result to have the element type 'f32' of the input, but got 'f16'}}
  %0 = nn.reduce sum %x dim = 0 : tensor<?x64xf32> -> tensor<64xf16>
  return
}
