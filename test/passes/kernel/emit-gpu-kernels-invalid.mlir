// RUN: tenon-opt %s --tenon-emit-gpu-kernels=target=sm_80 --split-input-file --verify-diagnostics

// All rows of the result are one matrix, of which no block has more than a row.
tile.kernel @repeated family(rowwise) (%x: tensor<?x2x4xf32>, %m: tensor<2x4xf32>) -> tensor<?x2x4xf32> {
  // expected-error @below {{kernel for a GPU: repeats a matrix for each row}}
  %w = nn.broadcast %m dims = [1, 2] rows %x : tensor<2x4xf32>, tensor<?x2x4xf32> -> tensor<?x2x4xf32>
  tile.yield %w : tensor<?x2x4xf32>
}
