// RUN: tenon-opt %s --tenon-fuse-kernels | FileCheck %s
// RUN: tenon-opt %s --tenon-fuse-kernels --remarks-filter=tenon-fuse-kernels 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK

// Heads that are no whole panels are taken all at once, if they are few.
// REMARK: [Missed]{{.*}}nn.rope does not join the contraction kernel before it: nn.rope needs too many panels at once
// CHECK-LABEL: func.func @many_ragged_heads
func.func @many_ragged_heads(%x: tensor<?x64xf32>, %table: tensor<?x10xf32>, %w: tensor<610x64xf32>) -> tensor<?x61x10xf32> {
  // CHECK-COUNT-2: tile.group
  %y = nn.linear %x, %w : tensor<?x64xf32>, tensor<610x64xf32> -> tensor<?x610xf32>
  %h = nn.reshape %y : tensor<?x610xf32> to tensor<?x61x10xf32>
  %r = nn.rope %h, %table : tensor<?x61x10xf32>, tensor<?x10xf32>
  return %r : tensor<?x61x10xf32>
}

// A value that is needed outside as well pushes its users out.
// REMARK: [Missed]{{.*}}nn.silu does not join the contraction kernel before it: the value is needed outside the kernel as well
// CHECK-LABEL: func.func @escapes
func.func @escapes(%x: tensor<?x64xf32>, %w: tensor<32x64xf32>) -> (tensor<?x32xf32>, tensor<?x32xf32>) {
  // CHECK:     %[[Y:.*]] = tile.group family(contraction)
  // CHECK:     tile.group family(rowwise) (%[[Y]])
  %y = nn.linear %x, %w : tensor<?x64xf32>, tensor<32x64xf32> -> tensor<?x32xf32>
  %s = nn.silu %y : tensor<?x32xf32>
  return %y, %s : tensor<?x32xf32>, tensor<?x32xf32>
}

// A norm lies between the two users, so the sum cannot come into the linear's kernel.
// REMARK: [Missed]{{.*}}nn.rms_norm does not join the contraction kernel before it: nn.rms_norm needs its whole row
// CHECK-LABEL: func.func @between
func.func @between(%x: tensor<?x64xf32>, %w: tensor<64x64xf32>, %n: tensor<64xf32>) -> tensor<?x64xf32> {
  // CHECK:     %[[Y:.*]] = tile.group family(contraction)
  // CHECK:     tile.group family(rowwise) (%[[Y]]
  // CHECK:       nn.rms_norm
  // CHECK-NEXT:  nn.add
  %y = nn.linear %x, %w : tensor<?x64xf32>, tensor<64x64xf32> -> tensor<?x64xf32>
  %m = nn.rms_norm %y, %n eps = 1.0e-5 : tensor<?x64xf32>, tensor<64xf32>
  %r = nn.add %y, %m : tensor<?x64xf32>, tensor<?x64xf32>
  return %r : tensor<?x64xf32>
}

// The order on a slot is kept: the second append must not come before the view.
// CHECK-LABEL: func.func @order
func.func @order(%q: tensor<?x2x32xf32>, %k: tensor<?x2x32xf32>, %kv: !cache.kv<heads = 2, dim = 32, f32>) -> tensor<?x2x32xf32> {
  // CHECK: cache.append
  // CHECK: cache.view
  // CHECK: cache.append
  cache.append %kv, %k, %k : !cache.kv<heads = 2, dim = 32, f32>, tensor<?x2x32xf32>, tensor<?x2x32xf32>
  %ka, %va = cache.view %kv : !cache.kv<heads = 2, dim = 32, f32> -> tensor<?x2x32xf32>, tensor<?x2x32xf32>
  %a = nn.attention %q, %ka, %va {scale = 0.125 : f32, causal}
      : tensor<?x2x32xf32>, tensor<?x2x32xf32>, tensor<?x2x32xf32> -> tensor<?x2x32xf32>
  cache.append %kv, %k, %k : !cache.kv<heads = 2, dim = 32, f32>, tensor<?x2x32xf32>, tensor<?x2x32xf32>
  return %a : tensor<?x2x32xf32>
}

// A scan kernel knows some columns of its result at a time: what moves them is another kernel's.
// REMARK: [Missed]{{.*}}nn.slice does not join the scan kernel before it: columns of a recurrence's result stay in their place
// CHECK-LABEL: func.func @moved_result
func.func @moved_result(%x: tensor<?x64xf32>, %s: tensor<1x64xf32>) -> tensor<?x64xf32> {
  // CHECK:      tile.group
  // CHECK:      ssm.shift
  // CHECK-NOT:  nn.slice
  // CHECK:      tile.group
  // CHECK:      nn.slice
  // CHECK:      nn.broadcast
  %y, %next = ssm.shift %x state %s : tensor<?x64xf32>, tensor<1x64xf32>
  %a = nn.slice %y dim = 1 start = 3 size = 1 : tensor<?x64xf32> -> tensor<?x1xf32>
  %b = nn.reshape %a : tensor<?x1xf32> to tensor<?xf32>
  %c = nn.broadcast %b dims = [0] : tensor<?xf32> -> tensor<?x64xf32>
  return %c : tensor<?x64xf32>
}

// An op that no family takes stays where it is.
// CHECK-LABEL: func.func @no_family
func.func @no_family(%x: tensor<?x64xf32>, %w: tensor<64x?xf32>) -> tensor<?x?xf32> {
  // CHECK-NOT: tile.group
  // CHECK:     nn.matmul
  %y = nn.matmul %x, %w : tensor<?x64xf32>, tensor<64x?xf32> -> tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}
