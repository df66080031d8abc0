// RUN: tenon-opt %s | tenon-opt | FileCheck %s

// Every op of the dialect keeps its form through printing and parsing.
// CHECK-LABEL: func.func @next
// CHECK-SAME:    %[[CALL:.*]]: !rt.call, %[[THREAD:.*]]: index, %[[THREADS:.*]]: index
func.func @next(%call: !rt.call, %thread: index, %threads: index) {
  // CHECK: %[[TOKENS:.*]] = rt.tokens %[[CALL]]
  %tokens = rt.tokens %call
  // CHECK: rt.position %[[CALL]]
  %position = rt.position %call
  // CHECK: rt.input %[[CALL]][0] (%[[TOKENS]]) : memref<?xi32>
  %ids = rt.input %call[0] (%tokens) : memref<?xi32>
  // CHECK: rt.output %[[CALL]][0] : memref<1x49152xf32>
  %last = rt.output %call[0] : memref<1x49152xf32>
  // CHECK: rt.output %[[CALL]][0] (%[[TOKENS]]) : memref<?x49152xf32>
  %logits = rt.output %call[0] (%tokens) : memref<?x49152xf32>
  // CHECK: rt.state %[[CALL]][3] (%[[TOKENS]]) : memref<?xi8>
  %kv = rt.state %call[3] (%tokens) : memref<?xi8>
  // CHECK: rt.weight %[[CALL]] @blk.0.attn_q.weight at 2304 : memref<207360xi8>
  %w = rt.weight %call @"blk.0.attn_q.weight" at 2304 : memref<207360xi8>
  // CHECK: %[[ZERO:.*]] = arith.constant 0
  %zero = arith.constant 0 : index
  // CHECK: rt.arena %[[CALL]][%[[ZERO]]] at <64 + 2304 * tokens> for %[[TOKENS]](%[[TOKENS]]) : memref<?x576xf32>
  %x = rt.arena %call[%zero] at <64 + 2304 * tokens> for %tokens (%tokens) : memref<?x576xf32>
  // CHECK: rt.frame %[[ZERO]] at <64 + 4608 * tokens> for %[[TOKENS]]
  %inner = rt.frame %zero at <64 + 4608 * tokens> for %tokens
  // CHECK: rt.barrier %[[CALL]], %[[THREAD]]
  rt.barrier %call, %thread
  return
}
