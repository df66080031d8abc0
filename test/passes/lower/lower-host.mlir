// RUN: tenon-opt %s --tenon-lower-host | FileCheck %s

nn.param @table : tensor<256x64xf32> from "model.gguf" at 0 {rt.weight_offset = 128 : i64}
cache.declare @kv0 : !cache.kv<heads = 1, dim = 64, f16>
cache.declare @kv1 : !cache.kv<heads = 1, dim = 64, f16>

func.func private @embed(index, index, index, index, memref<?xi32>, memref<256x64xf32>, memref<?x64xf32>) attributes {tenon.kernel}
func.func private @step(index, index, index, index, memref<?x64xf32>, index, memref<2xf32>, memref<?xi8>, memref<?x64xf32>) attributes {tenon.kernel}

// Constants are kept once, whatever their number of uses.
// CHECK: memref.global "private" constant @constant : memref<2xf32> = dense<[1.000000e+00, 5.000000e-01]> {alignment = 64 : i64}
// CHECK-NOT: memref.global

// An entry finds everything through its call. Between the last launch and the end there is no barrier.
// CHECK-LABEL: func.func @next
// CHECK-SAME:    %[[CALL:.*]]: !rt.call, %[[THREAD:.*]]: index, %[[THREADS:.*]]: index) attributes {rt.frame = #rt.extent<0 + 512 * tokens>, tenon.entry}
func.func @next(%ids: tensor<?xi32>) -> tensor<?x64xf32> attributes {tenon.entry, rt.frame = #rt.extent<0 + 512 * tokens>} {
  // CHECK-DAG: %[[TOKENS:.*]] = rt.tokens %[[CALL]]
  // CHECK-DAG: %[[POSITION:.*]] = rt.position %[[CALL]]
  // CHECK-DAG: %[[FRAME:.*]] = arith.constant 0 : index
  // CHECK-DAG: %[[IDS:.*]] = rt.input %[[CALL]][0] (%[[TOKENS]]) : memref<?xi32>
  // CHECK-DAG: %[[OUTPUT:.*]] = rt.output %[[CALL]][0] (%[[TOKENS]]) : memref<?x64xf32>
  // CHECK: %[[TABLE:.*]] = rt.weight %[[CALL]] @table at 128 : memref<256x64xf32>
  %table = nn.get_param @table : tensor<256x64xf32>
  // CHECK: %[[X:.*]] = rt.arena %[[CALL]][%[[FRAME]]] at <0 + 0 * tokens> for %[[TOKENS]](%[[TOKENS]]) : memref<?x64xf32>
  // CHECK: call @embed(%[[THREAD]], %[[THREADS]], %[[TOKENS]], %[[POSITION]], %[[IDS]], %[[TABLE]], %[[X]])
  %x = tile.launch @embed(%ids, %table) {rt.placement = [#rt.extent<0 + 0 * tokens>]} : (tensor<?xi32>, tensor<256x64xf32>) -> tensor<?x64xf32>
  // Slot 1: all blocks that the call's end reaches.
  // CHECK: %[[END:.*]] = arith.addi %[[POSITION]], %[[TOKENS]]
  // CHECK: %[[BLOCK:.*]] = arith.constant 64
  // CHECK: %[[BLOCKS:.*]] = arith.ceildivui %[[END]], %[[BLOCK]]
  // CHECK: %[[BLOCKBYTES:.*]] = arith.constant 16384
  // CHECK: %[[BYTES:.*]] = arith.muli %[[BLOCKS]], %[[BLOCKBYTES]]
  // CHECK: %[[KV:.*]] = rt.state %[[CALL]][1] (%[[BYTES]]) : memref<?xi8>
  %kv = cache.get @kv1 : !cache.kv<heads = 1, dim = 64, f16>
  // CHECK: rt.barrier %[[CALL]], %[[THREAD]]
  // CHECK: %[[INNER:.*]] = rt.frame %[[FRAME]] at <0 + 256 * tokens> for %[[TOKENS]]
  // CHECK: call @block(%[[CALL]], %[[THREAD]], %[[THREADS]], %[[INNER]], %[[X]], %[[KV]], %{{.*}})
  %y = func.call @block(%x, %kv) {rt.frame = #rt.extent<0 + 256 * tokens>, rt.placement = [#rt.extent<0 + 256 * tokens>], rt.wait} : (tensor<?x64xf32>, !cache.kv<heads = 1, dim = 64, f16>) -> tensor<?x64xf32>
  // CHECK: %[[C:.*]] = memref.get_global @constant
  %c = nn.constant dense<[1.0, 0.5]> : tensor<2xf32>
  %n = cache.length %kv : !cache.kv<heads = 1, dim = 64, f16> -> index
  // CHECK: call @step(%[[THREAD]], %[[THREADS]], %[[TOKENS]], %[[POSITION]], %{{.*}}, %[[POSITION]], %[[C]], %[[KV]], %[[OUTPUT]])
  %z = tile.launch @step(%y, %n, %c, %kv) {rt.placement = [unit]} : (tensor<?x64xf32>, index, tensor<2xf32>, !cache.kv<heads = 1, dim = 64, f16>) -> tensor<?x64xf32>
  // CHECK-NEXT: return
  return %z : tensor<?x64xf32>
}

// A block takes its part of the arena and its destinations, and ends with a barrier.
// CHECK-LABEL: func.func private @block
// CHECK-SAME:    %[[CALL:.*]]: !rt.call, %[[THREAD:.*]]: index, %{{.*}}: index, %[[FRAME:.*]]: index, %[[X:.*]]: memref<?x64xf32>, %[[KV:.*]]: memref<?xi8>, %[[Y:.*]]: memref<?x64xf32>)
func.func private @block(%x: tensor<?x64xf32>, %kv: !cache.kv<heads = 1, dim = 64, f16>) -> tensor<?x64xf32>
    attributes {rt.frame = #rt.extent<0 + 0 * tokens>} {
  %n = cache.length %kv : !cache.kv<heads = 1, dim = 64, f16> -> index
  // CHECK: memref.get_global @constant
  %c = nn.constant dense<[1.0, 0.5]> : tensor<2xf32>
  // CHECK: call @step({{.*}}, %[[KV]], %[[Y]])
  %y = tile.launch @step(%x, %n, %c, %kv) {rt.placement = [unit]} : (tensor<?x64xf32>, index, tensor<2xf32>, !cache.kv<heads = 1, dim = 64, f16>) -> tensor<?x64xf32>
  // CHECK-NEXT: rt.barrier %[[CALL]], %[[THREAD]]
  // CHECK-NEXT: return
  return %y : tensor<?x64xf32>
}

cache.declare @ssm0 : !cache.recurrent<16x64xf32>
func.func private @scan(index, index, index, index, memref<?x64xf32>, memref<16x64xf32>, memref<?x64xf32>) attributes {tenon.kernel}

// A recurrent slot is all of its bytes, whatever the position.
// CHECK-LABEL: func.func @recur
func.func @recur(%x: tensor<?x64xf32>) -> tensor<?x64xf32> attributes {tenon.entry, rt.frame = #rt.extent<0 + 0 * tokens>} {
  // CHECK: %[[S:.*]] = rt.state %{{.*}}[2] : memref<16x64xf32>
  %s = cache.get @ssm0 : !cache.recurrent<16x64xf32>
  // CHECK: call @scan(%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %[[S]], %{{.*}})
  %y = tile.launch @scan(%x, %s) {rt.placement = [unit]} : (tensor<?x64xf32>, !cache.recurrent<16x64xf32>) -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}
