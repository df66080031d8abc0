// RUN: tenon-opt %s --verify-roundtrip | FileCheck %s

// CHECK-LABEL: func.func @int_dot
func.func @int_dot(%acc: vector<16xi32>, %weights: vector<64xi8>, %activations: vector<64xi8>) -> vector<16xi32> {
  // CHECK: tile.int_dot %{{.*}}, %{{.*}}, %{{.*}} small : vector<16xi32>, vector<64xi8>
  %r = tile.int_dot %acc, %weights, %activations small : vector<16xi32>, vector<64xi8>
  return %r : vector<16xi32>
}
