// RUN: tenon-opt %s --verify-roundtrip | FileCheck %s

// CHECK-LABEL: func.func @lookup
func.func @lookup(%table: vector<16xi8>, %nibbles: vector<64xi8>) -> vector<64xi8> {
  // CHECK: tile.lookup %{{.*}}, %{{.*}} : vector<16xi8>, vector<64xi8>
  %weights = tile.lookup %table, %nibbles : vector<16xi8>, vector<64xi8>
  return %weights : vector<64xi8>
}
