// RUN: tenon-opt %s --canonicalize | FileCheck %s

// A conversion to the same type is nothing.
// CHECK-LABEL: @same
func.func @same(%x: tensor<?x64xf16>) -> tensor<?x64xf16> {
  // CHECK-NEXT: return
  %y = nn.convert %x : tensor<?x64xf16> to tensor<?x64xf16>
  return %y : tensor<?x64xf16>
}

// To a wider type and back loses nothing.
// CHECK-LABEL: @there_and_back
// CHECK-SAME: %[[X:.*]]: tensor<?x64xf16>
func.func @there_and_back(%x: tensor<?x64xf16>) -> tensor<?x64xf16> {
  // CHECK-NEXT: return %[[X]]
  %y = nn.convert %x : tensor<?x64xf16> to tensor<?x64xf32>
  %z = nn.convert %y : tensor<?x64xf32> to tensor<?x64xf16>
  return %z : tensor<?x64xf16>
}

// To a narrower type and back rounds.
// CHECK-LABEL: @rounds
func.func @rounds(%x: tensor<?x64xf32>) -> tensor<?x64xf32> {
  // CHECK-COUNT-2: nn.convert
  %y = nn.convert %x : tensor<?x64xf32> to tensor<?x64xbf16>
  %z = nn.convert %y : tensor<?x64xbf16> to tensor<?x64xf32>
  return %z : tensor<?x64xf32>
}
