// RUN: tenon-opt %s --tenon-quantize-activations --tenon-fuse-kernels | FileCheck %s

// A llama block with rounded activations is seven kernels, in the order of the block.
// CHECK-LABEL: func.func @block
func.func @block(%x: tensor<?x128xf32>, %table: tensor<?x32xf32>, %an: tensor<128xf32>, %wq: tensor<128x128x!nn.q4_1>,
                 %wk: tensor<64x128x!nn.q4_1>, %wv: tensor<64x128x!nn.q4_1>, %wo: tensor<128x128x!nn.q4_1>, %fn: tensor<128xf32>,
                 %wg: tensor<256x128x!nn.q4_1>, %wu: tensor<256x128x!nn.q4_1>, %wd: tensor<128x256x!nn.q4_1>,
                 %kv: !cache.kv<heads = 2, dim = 32, f16>) -> tensor<?x128xf32> {
  // CHECK:      %[[N:.*]] = tile.group family(rowwise)
  // CHECK:        nn.rms_norm
  // CHECK-NEXT:   nn.quantize
  // CHECK-NEXT:   tile.yield
  // CHECK:      %[[Q:.*]] = tile.group family(contraction) (%[[N]],
  // CHECK-SAME:   -> tensor<?x4x32xf32>
  // CHECK-COUNT-3: nn.linear
  // CHECK-COUNT-3: nn.reshape
  // CHECK-COUNT-2: nn.rope
  // CHECK:        cache.append
  // CHECK-NEXT:   tile.yield
  // CHECK:      %[[A:.*]] = tile.group family(attention) (%{{.*}}, %[[Q]])
  // CHECK:        cache.view
  // CHECK-NEXT:   nn.attention
  // CHECK-NEXT:   nn.reshape
  // CHECK-NEXT:   nn.quantize
  // CHECK-NEXT:   tile.yield
  // CHECK:      %[[H:.*]] = tile.group family(contraction) (%[[A]],
  // CHECK:        nn.linear
  // CHECK-NEXT:   nn.add
  // CHECK-NEXT:   tile.yield
  // CHECK:      %[[M:.*]] = tile.group family(rowwise) (%[[H]],
  // CHECK:        nn.rms_norm
  // CHECK-NEXT:   nn.quantize
  // CHECK-NEXT:   tile.yield
  // CHECK:      %[[G:.*]] = tile.group family(contraction) (%[[M]],
  // CHECK-COUNT-2: nn.linear
  // CHECK:        nn.silu
  // CHECK-NEXT:   nn.mul
  // CHECK-NEXT:   nn.quantize
  // CHECK-NEXT:   tile.yield
  // CHECK:      %[[Y:.*]] = tile.group family(contraction) (%[[G]], %{{.*}}, %[[H]])
  // CHECK:        nn.linear
  // CHECK-NEXT:   nn.add
  // CHECK-NEXT:   tile.yield
  // CHECK:      return %[[Y]]
  %a = nn.rms_norm %x, %an eps = 1.0e-5 : tensor<?x128xf32>, tensor<128xf32>
  %q = nn.linear %a, %wq {activation = #nn.activation<q8>} : tensor<?x128xf32>, tensor<128x128x!nn.q4_1> -> tensor<?x128xf32>
  %k = nn.linear %a, %wk {activation = #nn.activation<q8>} : tensor<?x128xf32>, tensor<64x128x!nn.q4_1> -> tensor<?x64xf32>
  %v = nn.linear %a, %wv {activation = #nn.activation<q8>} : tensor<?x128xf32>, tensor<64x128x!nn.q4_1> -> tensor<?x64xf32>
  %qh = nn.reshape %q : tensor<?x128xf32> to tensor<?x4x32xf32>
  %kh = nn.reshape %k : tensor<?x64xf32> to tensor<?x2x32xf32>
  %vh = nn.reshape %v : tensor<?x64xf32> to tensor<?x2x32xf32>
  %qr = nn.rope %qh, %table : tensor<?x4x32xf32>, tensor<?x32xf32>
  %kr = nn.rope %kh, %table : tensor<?x2x32xf32>, tensor<?x32xf32>
  cache.append %kv, %kr, %vh : !cache.kv<heads = 2, dim = 32, f16>, tensor<?x2x32xf32>, tensor<?x2x32xf32>
  %ka, %va = cache.view %kv : !cache.kv<heads = 2, dim = 32, f16> -> tensor<?x2x32xf32>, tensor<?x2x32xf32>
  %at = nn.attention %qr, %ka, %va {scale = 0.125 : f32, causal}
      : tensor<?x4x32xf32>, tensor<?x2x32xf32>, tensor<?x2x32xf32> -> tensor<?x4x32xf32>
  %ar = nn.reshape %at : tensor<?x4x32xf32> to tensor<?x128xf32>
  %o = nn.linear %ar, %wo {activation = #nn.activation<q8>} : tensor<?x128xf32>, tensor<128x128x!nn.q4_1> -> tensor<?x128xf32>
  %h = nn.add %x, %o : tensor<?x128xf32>, tensor<?x128xf32>
  %f = nn.rms_norm %h, %fn eps = 1.0e-5 : tensor<?x128xf32>, tensor<128xf32>
  %g = nn.linear %f, %wg {activation = #nn.activation<q8>} : tensor<?x128xf32>, tensor<256x128x!nn.q4_1> -> tensor<?x256xf32>
  %u = nn.linear %f, %wu {activation = #nn.activation<q8>} : tensor<?x128xf32>, tensor<256x128x!nn.q4_1> -> tensor<?x256xf32>
  %s = nn.silu %g : tensor<?x256xf32>
  %m = nn.mul %s, %u : tensor<?x256xf32>, tensor<?x256xf32>
  %d = nn.linear %m, %wd {activation = #nn.activation<q8>} : tensor<?x256xf32>, tensor<128x256x!nn.q4_1> -> tensor<?x128xf32>
  %y = nn.add %h, %d : tensor<?x128xf32>, tensor<?x128xf32>
  return %y : tensor<?x128xf32>
}

// The last token's row is taken in the norm's kernel.
// CHECK-LABEL: func.func @head
func.func @head(%x: tensor<?x64xf32>, %n: tensor<64xf32>, %w: tensor<256x64xf32>) -> tensor<1x256xf32> {
  // CHECK:      tile.group family(rowwise)
  // CHECK:        nn.slice
  // CHECK-NEXT:   nn.rms_norm
  // CHECK-NEXT:   tile.yield
  // CHECK:      tile.group family(contraction)
  %l = nn.slice %x dim = 0 start = -1 size = 1 : tensor<?x64xf32> -> tensor<1x64xf32>
  %r = nn.rms_norm %l, %n eps = 1.0e-5 : tensor<1x64xf32>, tensor<64xf32>
  %y = nn.linear %r, %w : tensor<1x64xf32>, tensor<256x64xf32> -> tensor<1x256xf32>
  return %y : tensor<1x256xf32>
}

// What only a group needs is drawn in: the gate's scale, computed before the linear.
// CHECK-LABEL: func.func @drawn_in
func.func @drawn_in(%x: tensor<?x64xf32>, %z: tensor<?x32xf32>, %w: tensor<32x64xf32>) -> tensor<?x32xf32> {
  // CHECK:      tile.group family(contraction)
  // CHECK:        nn.sigmoid
  // CHECK-NEXT:   nn.linear
  // CHECK-NEXT:   nn.mul
  // CHECK-NEXT:   tile.yield
  // CHECK-NOT:  tile.group
  %s = nn.sigmoid %z : tensor<?x32xf32>
  %y = nn.linear %x, %w : tensor<?x64xf32>, tensor<32x64xf32> -> tensor<?x32xf32>
  %r = nn.mul %y, %s : tensor<?x32xf32>, tensor<?x32xf32>
  return %r : tensor<?x32xf32>
}

// x * sigmoid(x): two users of one value join together.
// CHECK-LABEL: func.func @two_users
func.func @two_users(%x: tensor<?x64xf32>, %w: tensor<32x64xf32>) -> tensor<?x32xf32> {
  // CHECK-COUNT-1: tile.group
  // CHECK-NOT:     tile.group
  %y = nn.linear %x, %w : tensor<?x64xf32>, tensor<32x64xf32> -> tensor<?x32xf32>
  %s = nn.sigmoid %y : tensor<?x32xf32>
  %r = nn.mul %y, %s : tensor<?x32xf32>, tensor<?x32xf32>
  return %r : tensor<?x32xf32>
}

// What is returned without having been made is copied, as is a second return of the same value.
// CHECK-LABEL: func.func @returned
// CHECK-SAME:    %[[X:[^:]*]]: tensor<?x64xf32>
func.func @returned(%x: tensor<?x64xf32>) -> (tensor<?x64xf32>, tensor<?x64xf32>, tensor<?x64xf32>) {
  // CHECK:      %[[Y:.*]] = tile.group
  // CHECK:        nn.neg
  // CHECK:      %[[FIRST:.*]] = tile.group family(rowwise) (%[[X]])
  // CHECK-NEXT: ^bb0(%[[A:.*]]: tensor<?x64xf32>):
  // CHECK-NEXT:   tile.yield %[[A]]
  // CHECK:      %[[SECOND:.*]] = tile.group family(rowwise) (%[[Y]])
  // CHECK:      return %[[FIRST]], %[[Y]], %[[SECOND]]
  %y = nn.neg %x : tensor<?x64xf32>
  return %x, %y, %y : tensor<?x64xf32>, tensor<?x64xf32>, tensor<?x64xf32>
}

// An op that nothing uses becomes no kernel.
// CHECK-LABEL: func.func @unused
func.func @unused(%x: tensor<?x64xf32>) {
  // CHECK-NOT: nn.neg
  %y = nn.neg %x : tensor<?x64xf32>
  return
}

// Rotations of far pairs and norms of heads come into the linear's kernel, which has whole heads at hand, with the append of the result.
// CHECK-LABEL: func.func @heads
func.func @heads(%x: tensor<?x64xf32>, %table: tensor<?x32xf32>, %wk: tensor<64x64xf32>, %wv: tensor<64x64xf32>, %n: tensor<32xf32>,
                 %kv: !cache.kv<heads = 2, dim = 32, f32>) {
  // CHECK:      tile.group family(contraction)
  // CHECK:        nn.rms_norm
  // CHECK:        nn.rope
  // CHECK:        cache.append
  // CHECK-NEXT:   tile.yield
  // CHECK-NOT:  tile.group
  %k = nn.linear %x, %wk : tensor<?x64xf32>, tensor<64x64xf32> -> tensor<?x64xf32>
  %v = nn.linear %x, %wv : tensor<?x64xf32>, tensor<64x64xf32> -> tensor<?x64xf32>
  %kh = nn.reshape %k : tensor<?x64xf32> to tensor<?x2x32xf32>
  %vh = nn.reshape %v : tensor<?x64xf32> to tensor<?x2x32xf32>
  %kn = nn.rms_norm %kh, %n eps = 1.0e-5 : tensor<?x2x32xf32>, tensor<32xf32>
  %kr = nn.rope %kn, %table {pairing = #nn.pairing<half>} : tensor<?x2x32xf32>, tensor<?x32xf32>
  cache.append %kv, %kr, %vh : !cache.kv<heads = 2, dim = 32, f32>, tensor<?x2x32xf32>, tensor<?x2x32xf32>
  return
}

// A mixture of experts is five kernels: the router's logits, the routing, gate and up with what is between them and the next linear, that one,
// and the sum with the residual. The dispatch is only a way to read.
// CHECK-LABEL: func.func @experts
func.func @experts(%x: tensor<?x64xf32>, %q: tensor<?x64x!nn.a8>, %wr: tensor<8x64xf32>, %wg: tensor<8x32x64x!nn.q4_0>,
                   %wu: tensor<8x32x64x!nn.q4_0>, %wd: tensor<8x64x32x!nn.q4_0>) -> tensor<?x64xf32> {
  // CHECK:      %[[L:.*]] = tile.group family(contraction)
  // CHECK:      %[[R:.*]] = tile.group family(rowwise) (%[[L]])
  // CHECK:        moe.route
  // CHECK:      %[[H:.*]] = tile.group family(grouped)
  // CHECK:        moe.dispatch
  // CHECK-COUNT-2: moe.grouped_linear
  // CHECK:        nn.quantize
  // CHECK-NEXT:   tile.yield
  // CHECK:      %[[Y:.*]] = tile.group family(grouped) (%[[H]],
  // CHECK:      tile.group family(rowwise) (%[[Y]],
  // CHECK:        moe.combine
  // CHECK-NEXT:   nn.add
  // CHECK-NOT:  tile.group
  %l = nn.linear %x, %wr : tensor<?x64xf32>, tensor<8x64xf32> -> tensor<?x8xf32>
  %r = moe.route %l : tensor<?x8xf32> -> !moe.routing<experts = 8, used = 2>
  %d = moe.dispatch %q, %r : tensor<?x64x!nn.a8>, !moe.routing<experts = 8, used = 2> -> tensor<?x2x64x!nn.a8>
  %g = moe.grouped_linear %d, %wg, %r : tensor<?x2x64x!nn.a8>, tensor<8x32x64x!nn.q4_0>, !moe.routing<experts = 8, used = 2> -> tensor<?x2x32xf32>
  %u = moe.grouped_linear %d, %wu, %r : tensor<?x2x64x!nn.a8>, tensor<8x32x64x!nn.q4_0>, !moe.routing<experts = 8, used = 2> -> tensor<?x2x32xf32>
  %s = nn.silu %g : tensor<?x2x32xf32>
  %m = nn.mul %s, %u : tensor<?x2x32xf32>, tensor<?x2x32xf32>
  %h = nn.quantize %m : tensor<?x2x32xf32> -> tensor<?x2x32x!nn.a8>
  %y = moe.grouped_linear %h, %wd, %r : tensor<?x2x32x!nn.a8>, tensor<8x64x32x!nn.q4_0>, !moe.routing<experts = 8, used = 2> -> tensor<?x2x64xf32>
  %z = moe.combine %y, %r : tensor<?x2x64xf32>, !moe.routing<experts = 8, used = 2> -> tensor<?x64xf32>
  %o = nn.add %x, %z : tensor<?x64xf32>, tensor<?x64xf32>
  return %o : tensor<?x64xf32>
}
