// RUN: tenon-opt %s | tenon-opt | FileCheck %s

// CHECK-LABEL: @reduce
func.func @reduce(%x: tensor<?x8x64xf32>) -> tensor<f32> {
  // CHECK: nn.reduce mean %{{.*}} dim = 1 : tensor<?x8x64xf32> -> tensor<?x64xf32>
  %0 = nn.reduce mean %x dim = 1 : tensor<?x8x64xf32> -> tensor<?x64xf32>
  // CHECK: nn.reduce max %{{.*}} dim = 1 : tensor<?x64xf32> -> tensor<?xf32>
  %1 = nn.reduce max %0 dim = 1 : tensor<?x64xf32> -> tensor<?xf32>
  // CHECK: nn.reduce sum %{{.*}} dim = 0 : tensor<?xf32> -> tensor<f32>
  %2 = nn.reduce sum %1 dim = 0 : tensor<?xf32> -> tensor<f32>
  return %2 : tensor<f32>
}

// CHECK-LABEL: @smallest
func.func @smallest(%x: tensor<?x64xf32>) -> tensor<?xf32> {
  // CHECK: nn.reduce min %{{.*}} dim = 1 : tensor<?x64xf32> -> tensor<?xf32>
  %0 = nn.reduce min %x dim = 1 : tensor<?x64xf32> -> tensor<?xf32>
  return %0 : tensor<?xf32>
}
