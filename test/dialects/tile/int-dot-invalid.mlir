// RUN: tenon-opt %s --split-input-file --verify-diagnostics

func.func @int_dot_c1(%acc: vector<16xf32>, %a: vector<64xi8>) {
  // expected-error @below {{operand #0 must be vector of 32-bit signless integer values of ranks 1}}
  %r = "tile.int_dot"(%acc, %a, %a) : (vector<16xf32>, vector<64xi8>, vector<64xi8>) -> vector<16xf32>
  return
}

// -----

func.func @int_dot_c2(%acc: vector<16xi32>, %a: vector<32xi8>) {
  // expected-error @below {{expects four bytes for each of 16 sums, but got 32}}
  %r = tile.int_dot %acc, %a, %a : vector<16xi32>, vector<32xi8>
  return
}
