// RUN: tenon-opt %s --convert-to-llvm --canonicalize --cse | FileCheck %s

// The number of tokens is the first symbol, whose array lies at byte 40 of the call.
// CHECK-LABEL: llvm.func @tokens
// CHECK-SAME:    %[[CALL:.*]]: !llvm.ptr
func.func @tokens(%call: !rt.call) -> index {
  // CHECK: %[[FIELD:.*]] = llvm.getelementptr %[[CALL]][40]
  // CHECK: %[[SYMBOLS:.*]] = llvm.load %[[FIELD]] invariant
  // CHECK: %[[TOKENS:.*]] = llvm.load %[[SYMBOLS]] invariant
  // CHECK: llvm.return %[[TOKENS]]
  %tokens = rt.tokens %call
  return %tokens : index
}

// CHECK-LABEL: llvm.func @position
// CHECK-SAME:    %[[CALL:.*]]: !llvm.ptr
func.func @position(%call: !rt.call) -> index {
  // CHECK: %[[FIELD:.*]] = llvm.getelementptr %[[CALL]][48]
  // CHECK: %[[POSITION:.*]] = llvm.load %[[FIELD]] invariant
  // CHECK: llvm.return %[[POSITION]]
  %position = rt.position %call
  return %position : index
}

// A weight is its offset from the call's weights.
// CHECK-LABEL: llvm.func @weight
// CHECK-SAME:    %[[CALL:.*]]: !llvm.ptr
func.func @weight(%call: !rt.call) -> memref<128xi8> {
  // CHECK: %[[FIELD:.*]] = llvm.getelementptr %[[CALL]][16]
  // CHECK: %[[WEIGHTS:.*]] = llvm.load %[[FIELD]] invariant
  // CHECK: llvm.getelementptr %[[WEIGHTS]][2304]
  %w = rt.weight %call @w at 2304 : memref<128xi8>
  return %w : memref<128xi8>
}

// A temporary is at an affine offset of the arena; its row stride is static.
// CHECK-LABEL: llvm.func @arena
// CHECK-SAME:    %[[CALL:.*]]: !llvm.ptr, %[[FRAME:.*]]: i64, %[[TOKENS:.*]]: i64
func.func @arena(%call: !rt.call, %frame: index, %tokens: index) -> memref<?x576xf32> {
  // CHECK-DAG: %[[PER:.*]] = llvm.mlir.constant(2304 : i64)
  // CHECK-DAG: %[[CONSTANT:.*]] = llvm.mlir.constant(64 : i64)
  // CHECK-DAG: %[[ARENA:.*]] = llvm.load {{.*}} invariant
  // CHECK: %[[PRODUCT:.*]] = llvm.mul %[[TOKENS]], %[[PER]]
  // CHECK: %[[PLACE:.*]] = llvm.add %[[PRODUCT]], %[[CONSTANT]]
  // CHECK: %[[OFFSET:.*]] = llvm.add %[[FRAME]], %[[PLACE]]
  // CHECK: llvm.getelementptr %[[ARENA]][%[[OFFSET]]]
  %x = rt.arena %call[%frame] at <64 + 2304 * tokens> for %tokens (%tokens) : memref<?x576xf32>
  return %x : memref<?x576xf32>
}

// The barrier is a function pointer of the call.
// CHECK-LABEL: llvm.func @barrier
// CHECK-SAME:    %[[CALL:.*]]: !llvm.ptr, %[[THREAD:.*]]: i64
func.func @barrier(%call: !rt.call, %thread: index) {
  // CHECK: %[[FIELD:.*]] = llvm.getelementptr %[[CALL]][56]
  // CHECK: %[[FUNCTION:.*]] = llvm.load %[[FIELD]] invariant
  // CHECK: llvm.call %[[FUNCTION]](%[[CALL]], %[[THREAD]])
  rt.barrier %call, %thread
  return
}
