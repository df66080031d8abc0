// RUN: tenon-opt %s --split-input-file --verify-diagnostics

func.func @quantize_c1(%x: tensor<?x64xf32>) {
  // expected-error @below {{expects the result shape [?, 64], but got [?, 32]}}
  %a = nn.quantize %x : tensor<?x64xf32> -> tensor<?x32x!nn.a8>
  return
}

// -----

func.func @quantize_c2(%x: tensor<?x48xf32>) {
  // expected-error @below {{expects the last dimension to be a multiple of 32, but got 48}}
  %a = nn.quantize %x : tensor<?x48xf32> -> tensor<?x48x!nn.a8>
  return
}

// -----

func.func @convert_c1(%x: tensor<?x64xf32>) {
  // expected-error @below {{expects the result shape [?, 64], but got [64]}}
  %y = nn.convert %x : tensor<?x64xf32> to tensor<64xf16>
  return
}
