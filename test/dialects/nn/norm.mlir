// RUN: tenon-opt %s | tenon-opt | FileCheck %s

// CHECK-LABEL: @rms_norm
func.func @rms_norm(%x: tensor<?x64xf32>, %w: tensor<64xf32>) -> tensor<?x64xf32> {
  // CHECK: nn.rms_norm %{{.*}}, %{{.*}} eps = 9.99999974E-6 : tensor<?x64xf32>, tensor<64xf32>
  %y = nn.rms_norm %x, %w eps = 1.0e-5 : tensor<?x64xf32>, tensor<64xf32>
  return %y : tensor<?x64xf32>
}

// CHECK-LABEL: @layer_norm
func.func @layer_norm(%x: tensor<?x64xbf16>, %w: tensor<64xf32>, %b: tensor<64xf32>) -> tensor<?x64xbf16> {
  // CHECK: nn.layer_norm %{{.*}}, %{{.*}}, %{{.*}} eps = 0.000000e+00 : tensor<?x64xbf16>, tensor<64xf32>, tensor<64xf32>
  %y = nn.layer_norm %x, %w, %b eps = 0.0 : tensor<?x64xbf16>, tensor<64xf32>, tensor<64xf32>
  return %y : tensor<?x64xbf16>
}

// Without parameters, and a layer_norm with a weight only.
// CHECK-LABEL: @no_parameters
func.func @no_parameters(%x: tensor<?x64xf32>, %w: tensor<64xf32>) -> tensor<?x64xf32> {
  // CHECK: nn.rms_norm %{{.*}} eps = 9.99999974E-6 : tensor<?x64xf32>
  %y = nn.rms_norm %x eps = 1.0e-5 : tensor<?x64xf32>
  // CHECK: nn.layer_norm %{{.*}} eps = 9.99999974E-6 : tensor<?x64xf32>
  %z = nn.layer_norm %y eps = 1.0e-5 : tensor<?x64xf32>
  // CHECK: nn.layer_norm %{{.*}}, %{{.*}} eps = 9.99999974E-6 : tensor<?x64xf32>, tensor<64xf32>
  %r = nn.layer_norm %z, %w eps = 1.0e-5 : tensor<?x64xf32>, tensor<64xf32>
  return %r : tensor<?x64xf32>
}

// CHECK-LABEL: @softmax
func.func @softmax(%x: tensor<?x64xf32>) -> tensor<?x64xf32> {
  // CHECK: nn.softmax %{{.*}} : tensor<?x64xf32>
  %y = nn.softmax %x : tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}
