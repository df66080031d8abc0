// RUN: tenon-opt %s | tenon-opt | FileCheck %s

// A bias may be absent, weights may be of fewer bits.
// CHECK-LABEL: @causal_conv
func.func @causal_conv(%x: tensor<?x64xf32>, %w: tensor<64x4xf32>, %h: tensor<64x4xbf16>, %b: tensor<64xf32>, %s: tensor<3x64xf32>) {
  // CHECK: %{{.*}}, %{{.*}} = ssm.causal_conv %{{.*}}, %{{.*}} bias %{{.*}} state %{{.*}} : tensor<?x64xf32>, tensor<64x4xf32>, tensor<64xf32>, tensor<3x64xf32>
  %y, %next = ssm.causal_conv %x, %w bias %b state %s : tensor<?x64xf32>, tensor<64x4xf32>, tensor<64xf32>, tensor<3x64xf32>
  // CHECK: ssm.causal_conv %{{.*}}, %{{.*}} state %{{.*}} : tensor<?x64xf32>, tensor<64x4xbf16>, tensor<3x64xf32>
  %z, %last = ssm.causal_conv %x, %h state %s : tensor<?x64xf32>, tensor<64x4xbf16>, tensor<3x64xf32>
  return
}

// A single tap keeps no rows.
// CHECK-LABEL: @one_tap
func.func @one_tap(%x: tensor<?x64xf32>, %w: tensor<64x1xf32>, %s: tensor<0x64xf32>) {
  // CHECK: ssm.causal_conv %{{.*}}, %{{.*}} state %{{.*}} : tensor<?x64xf32>, tensor<64x1xf32>, tensor<0x64xf32>
  %y, %next = ssm.causal_conv %x, %w state %s : tensor<?x64xf32>, tensor<64x1xf32>, tensor<0x64xf32>
  return
}

// CHECK-LABEL: @shift
func.func @shift(%x: tensor<?x64xf32>, %s: tensor<1x64xf32>) {
  // CHECK: ssm.shift %{{.*}} state %{{.*}} : tensor<?x64xf32>, tensor<1x64xf32>
  %y, %next = ssm.shift %x state %s : tensor<?x64xf32>, tensor<1x64xf32>
  return
}
