// RUN: tenon-opt %s | tenon-opt | FileCheck %s

// CHECK-LABEL: @equal_shapes
func.func @equal_shapes(%a: tensor<?x64xf32>, %b: tensor<?x64xf32>) -> tensor<?x64xf32> {
  // CHECK: nn.add %{{.*}}, %{{.*}} : tensor<?x64xf32>, tensor<?x64xf32>
  %0 = nn.add %a, %b : tensor<?x64xf32>, tensor<?x64xf32>
  // CHECK: nn.sub %{{.*}}, %{{.*}} : tensor<?x64xf32>, tensor<?x64xf32>
  %1 = nn.sub %0, %b : tensor<?x64xf32>, tensor<?x64xf32>
  // CHECK: nn.mul %{{.*}}, %{{.*}} : tensor<?x64xf32>, tensor<?x64xf32>
  %2 = nn.mul %1, %b : tensor<?x64xf32>, tensor<?x64xf32>
  // CHECK: nn.div %{{.*}}, %{{.*}} : tensor<?x64xf32>, tensor<?x64xf32>
  %3 = nn.div %2, %b : tensor<?x64xf32>, tensor<?x64xf32>
  // CHECK: nn.max %{{.*}}, %{{.*}} : tensor<?x64xf32>, tensor<?x64xf32>
  %4 = nn.max %3, %b : tensor<?x64xf32>, tensor<?x64xf32>
  // CHECK: nn.min %{{.*}}, %{{.*}} : tensor<?x64xf32>, tensor<?x64xf32>
  %5 = nn.min %4, %b : tensor<?x64xf32>, tensor<?x64xf32>
  return %5 : tensor<?x64xf32>
}

// The right operand may lack leading dimensions.
// CHECK-LABEL: @broadcast
func.func @broadcast(%a: tensor<?x9x64xf32>, %b: tensor<64xf32>, %c: tensor<f32>) -> tensor<?x9x64xf32> {
  // CHECK: nn.mul %{{.*}}, %{{.*}} : tensor<?x9x64xf32>, tensor<64xf32>
  %0 = nn.mul %a, %b : tensor<?x9x64xf32>, tensor<64xf32>
  // CHECK: nn.add %{{.*}}, %{{.*}} : tensor<?x9x64xf32>, tensor<f32>
  %1 = nn.add %0, %c : tensor<?x9x64xf32>, tensor<f32>
  return %1 : tensor<?x9x64xf32>
}
