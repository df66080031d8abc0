// RUN: tenon-opt %s --split-input-file --verify-diagnostics

// expected-error @below {{expects panels of 16 channels, but got 8}}
func.func private @panels_c1(tensor<64x64xf32, #tile.panels<8>>)

// -----

// expected-error @below {{expects a tensor of rank 2 or 3 for panels, but got rank 1}}
func.func private @panels_c2(tensor<64xf32, #tile.panels<16>>)

// -----

// expected-error @below {{expects a static shape for panels}}
func.func private @panels_c3(tensor<?x64xf32, #tile.panels<16>>)
