// RUN: tenon-opt %s --split-input-file --verify-diagnostics

// Only the generic form can say it: @kernel_c1.
// expected-error @below {{expects region arguments of the signature's types}}
"tile.kernel"() <{sym_name = "kernel_c1", family = #tile<family rowwise>, function_type = (tensor<4xf32>) -> ()}> ({
^bb0(%x: tensor<8xf32>):
  tile.yield
}) : () -> ()

// -----

tile.kernel @kernel_c2 family(rowwise) (%x: tensor<4xf32>) -> tensor<8xf32> {
  // expected-error @below {{expects values of the types ('tensor<8xf32>'), but got ('tensor<4xf32>')}}
  tile.yield %x : tensor<4xf32>
}

// -----

// expected-error @below {{expects inputs that are tensors, records, indices or state slots, but got 'f32'}}
tile.kernel @kernel_c3_input family(rowwise) (%x: f32) {
  tile.yield
}

// -----

// expected-error @below {{expects results that are tensors or records, but got 'index'}}
"tile.kernel"() <{sym_name = "kernel_c3_result", family = #tile<family rowwise>, function_type = (index) -> index}> ({
^bb0(%x: index):
  "tile.yield"(%x) : (index) -> ()
}) : () -> ()

// -----

// expected-error @below {{expects contraction, attention, scan, rowwise or grouped, but got columnwise}}
tile.kernel @kernel_family family(columnwise) () {
  tile.yield
}

// -----

func.func @launch_c1(%x: tensor<4xf32>) {
  // expected-error @below {{expects the symbol of a tile.kernel, but got @launch_c1}}
  tile.launch @launch_c1(%x) : (tensor<4xf32>) -> ()
  return
}

// -----

// expected-note @below {{the kernel is here}}
tile.kernel @k family(rowwise) (%x: tensor<4xf32>) -> tensor<4xf32> {
  tile.yield %x : tensor<4xf32>
}
func.func @launch_c2(%x: tensor<8xf32>) {
  // expected-error @below {{expects the kernel's type '(tensor<4xf32>) -> tensor<4xf32>', but got '(tensor<8xf32>) -> tensor<8xf32>'}}
  %y = tile.launch @k(%x) : (tensor<8xf32>) -> tensor<8xf32>
  return
}
