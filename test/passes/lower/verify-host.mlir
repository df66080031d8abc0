// RUN: tenon-opt %s --split-input-file --verify-diagnostics --tenon-verify-host

// What lowering leaves passes.
func.func private @k(%thread: index, %threads: index, %tokens: index, %position: index, %x: memref<?x64xf32>) attributes {tenon.kernel} {
  return
}
func.func @next(%call: !rt.call, %thread: index, %threads: index) attributes {tenon.entry} {
  return
}

// -----

// expected-error @below {{expects no tensors and no state slots at the host level, but got 'tensor<?x64xf32>'}}
func.func @next(%x: tensor<?x64xf32>) attributes {tenon.entry} {
  return
}

// -----

func.func @next(%call: !rt.call, %thread: index, %threads: index) attributes {tenon.entry} {
  // expected-error @below {{expects no tensors and no state slots at the host level, but got 'tensor<2xf32>'}}
  %c = nn.constant dense<[1.0, 0.5]> : tensor<2xf32>
  return
}

// -----

// expected-error @below {{expects to be emitted before the host level}}
tile.kernel @k family(rowwise) (%x: tensor<?x64xf32>) -> tensor<?x64xf32> {
  %y = nn.silu %x : tensor<?x64xf32>
  tile.yield %y : tensor<?x64xf32>
}

// -----

// expected-error @below {{expects a body for every function that is called}}
func.func private @k(index)
func.func @next(%call: !rt.call, %thread: index, %threads: index) attributes {tenon.entry} {
  func.call @k(%thread) : (index) -> ()
  return
}
