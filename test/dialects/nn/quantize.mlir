// RUN: tenon-opt %s | tenon-opt | FileCheck %s

// CHECK-LABEL: @quantize
func.func @quantize(%x: tensor<?x64xf32>) -> (tensor<?x64x!nn.a8>, tensor<?x64x!nn.a16>) {
  // CHECK: nn.quantize %{{.*}} : tensor<?x64xf32> -> tensor<?x64x!nn.a8>
  %a = nn.quantize %x : tensor<?x64xf32> -> tensor<?x64x!nn.a8>
  // CHECK: nn.quantize %{{.*}} : tensor<?x64xf32> -> tensor<?x64x!nn.a16>
  %b = nn.quantize %x : tensor<?x64xf32> -> tensor<?x64x!nn.a16>
  return %a, %b : tensor<?x64x!nn.a8>, tensor<?x64x!nn.a16>
}

// CHECK-LABEL: @convert
func.func @convert(%x: tensor<?x64xf32>) -> tensor<?x64xbf16> {
  // CHECK: nn.convert %{{.*}} : tensor<?x64xf32> to tensor<?x64xbf16>
  %y = nn.convert %x : tensor<?x64xf32> to tensor<?x64xbf16>
  return %y : tensor<?x64xbf16>
}
