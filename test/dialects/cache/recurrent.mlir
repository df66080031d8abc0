// RUN: tenon-opt %s | tenon-opt | FileCheck %s

// CHECK: cache.declare @ssm0 : !cache.recurrent<16x1536xf32>
cache.declare @ssm0 : !cache.recurrent<16x1536xf32>

// A block reads the state that the calls before have left, and replaces it.
// CHECK-LABEL: @block
func.func @block() -> index {
  // CHECK: %[[C:.*]] = cache.get @ssm0 : !cache.recurrent<16x1536xf32>
  %c = cache.get @ssm0 : !cache.recurrent<16x1536xf32>
  // CHECK: cache.length %[[C]] : !cache.recurrent<16x1536xf32> -> index
  %n = cache.length %c : !cache.recurrent<16x1536xf32> -> index
  // CHECK: %[[S:.*]] = cache.read %[[C]] : !cache.recurrent<16x1536xf32> -> tensor<16x1536xf32>
  %s = cache.read %c : !cache.recurrent<16x1536xf32> -> tensor<16x1536xf32>
  // CHECK: cache.write %[[C]], %[[S]] : !cache.recurrent<16x1536xf32>, tensor<16x1536xf32>
  cache.write %c, %s : !cache.recurrent<16x1536xf32>, tensor<16x1536xf32>
  return %n : index
}

// Going back is the same for every kind of slot.
// CHECK-LABEL: @back
func.func @back(%c: !cache.recurrent<8xf32>) {
  // CHECK: %[[M:.*]] = cache.mark %[[C:.*]] : !cache.recurrent<8xf32> -> !cache.mark
  %m = cache.mark %c : !cache.recurrent<8xf32> -> !cache.mark
  // CHECK: cache.rewind %[[C]], %[[M]] : !cache.recurrent<8xf32>, !cache.mark
  cache.rewind %c, %m : !cache.recurrent<8xf32>, !cache.mark
  // CHECK: cache.fork %[[C]] : !cache.recurrent<8xf32>
  %d = cache.fork %c : !cache.recurrent<8xf32>
  return
}
