// RUN: tenon-opt %s --split-input-file --verify-diagnostics

func.func @lookup_c1(%table: vector<16xi32>, %nibbles: vector<64xi8>) {
  // expected-error @below {{operand #0 must be vector of 8-bit signless integer values of ranks 1}}
  %r = "tile.lookup"(%table, %nibbles) : (vector<16xi32>, vector<64xi8>) -> vector<64xi8>
  return
}

// -----

func.func @lookup_c2(%table: vector<32xi8>, %nibbles: vector<64xi8>) {
  // expected-error @below {{expects a table of 16 bytes, but got 32}}
  %r = tile.lookup %table, %nibbles : vector<32xi8>, vector<64xi8>
  return
}
