// Entries that are no language model's, for mlir-entries.test.
func.func @last(%x: tensor<?x20xf32>) -> tensor<1x20xf32> attributes {tenon.entry} {
  %y = nn.slice %x dim = 0 start = -1 size = 1 : tensor<?x20xf32> -> tensor<1x20xf32>
  return %y : tensor<1x20xf32>
}
func.func @chosen(%x: tensor<?x3xf32>, %i: tensor<4xi32>) -> tensor<4x3xf32> attributes {tenon.entry} {
  %y = nn.gather %x, %i : tensor<?x3xf32>, tensor<4xi32> -> tensor<4x3xf32>
  return %y : tensor<4x3xf32>
}
func.func @scaled(%x: tensor<?x3xf32>, %s: tensor<f32>) -> tensor<?x3xf32> attributes {tenon.entry} {
  %y = nn.mul %x, %s : tensor<?x3xf32>, tensor<f32>
  return %y : tensor<?x3xf32>
}
func.func @rounded(%x: tensor<?x3xf32>) -> tensor<?x3xf32> attributes {tenon.entry} {
  %y = nn.convert %x : tensor<?x3xf32> to tensor<?x3xbf16>
  %z = nn.convert %y : tensor<?x3xbf16> to tensor<?x3xf32>
  return %z : tensor<?x3xf32>
}
func.func @fixed(%x: tensor<2x3xf32>) -> tensor<2x3xf32> attributes {tenon.entry} {
  %y = nn.neg %x : tensor<2x3xf32>
  return %y : tensor<2x3xf32>
}
