// With queries of zero all visible keys count the same, so the result is the mean of their values.
// RUN: tenon-interp %s --entry=causal --input=input0=2x2x1xf32=0 --input=input1=3x1x1xf32=1,2,3 --input=input2=3x1x1xf32=3,6,12 | FileCheck %s --check-prefix=CAUSAL
// RUN: tenon-interp %s --entry=window --input=input0=3x1x1xf32=0 --input=input1=3x1x1xf32=1,2,3 --input=input2=3x1x1xf32=3,6,12 | FileCheck %s --check-prefix=WINDOW
// RUN: tenon-interp %s --entry=full --input=input0=1x1x1xf32=0 --input=input1=3x1x1xf32=1,2,3 --input=input2=3x1x1xf32=3,6,12 --input=input3=1x3xf32=0,-1000,0 | FileCheck %s --check-prefix=FULL
// RUN: tenon-interp %s --entry=groups --input=input0=1x4x1xf32=0 --input=input1=1x2x1xf32=0 --input=input2=1x2x1xf32=5,7 | FileCheck %s --check-prefix=GROUPS
// RUN: tenon-interp %s --entry=chunk --input=input0=3x1x1xf32=0 --input=input1=3x1x1xf32=1,2,3 --input=input2=3x1x1xf32=3,6,12 | FileCheck %s --check-prefix=CHUNK
// RUN: tenon-interp %s --entry=sinks --input=input0=1x2x1xf32=0 --input=input1=3x1x1xf32=1,2,3 --input=input2=3x1x1xf32=3,6,12 --input=input3=2xf32=0,1.0986122886681098 | FileCheck %s --check-prefix=SINKS
// RUN: tenon-interp %s --entry=slopes --input=input0=1x2x1xf32=0 --input=input1=2x1x1xf32=1,2 --input=input2=2x1x1xf32=4,8 --input=input3=2xf32=0,1.0986122886681098 | FileCheck %s --check-prefix=SLOPES

// Two queries after one cached position: the first sees two keys, the second three.
// CAUSAL: output0=2x2x1xf32=4.5,4.5,7,7
func.func @causal(%q: tensor<?x2x1xf32>, %k: tensor<?x1x1xf32>, %v: tensor<?x1x1xf32>) -> tensor<?x2x1xf32> {
  %r = nn.attention %q, %k, %v {scale = 1.0 : f32, causal} : tensor<?x2x1xf32>, tensor<?x1x1xf32>, tensor<?x1x1xf32> -> tensor<?x2x1xf32>
  return %r : tensor<?x2x1xf32>
}

// A window of two: each query sees itself and the one before.
// WINDOW: output0=3x1x1xf32=3,4.5,9
func.func @window(%q: tensor<?x1x1xf32>, %k: tensor<?x1x1xf32>, %v: tensor<?x1x1xf32>) -> tensor<?x1x1xf32> {
  %r = nn.attention %q, %k, %v {scale = 1.0 : f32, causal, window = 2} : tensor<?x1x1xf32>, tensor<?x1x1xf32>, tensor<?x1x1xf32> -> tensor<?x1x1xf32>
  return %r : tensor<?x1x1xf32>
}

// Without causality all keys are seen; the bias takes the second away.
// FULL: output0=1x1x1xf32=7.5
func.func @full(%q: tensor<?x1x1xf32>, %k: tensor<?x1x1xf32>, %v: tensor<?x1x1xf32>, %b: tensor<?x?xf32>) -> tensor<?x1x1xf32> {
  %r = nn.attention %q, %k, %v, bias %b {scale = 1.0 : f32} : tensor<?x1x1xf32>, tensor<?x1x1xf32>, tensor<?x1x1xf32>, tensor<?x?xf32> -> tensor<?x1x1xf32>
  return %r : tensor<?x1x1xf32>
}

// Four query heads over two key heads: the first two read the first.
// GROUPS: output0=1x4x1xf32=5,5,7,7
func.func @groups(%q: tensor<?x4x1xf32>, %k: tensor<?x2x1xf32>, %v: tensor<?x2x1xf32>) -> tensor<?x4x1xf32> {
  %r = nn.attention %q, %k, %v {scale = 1.0 : f32, causal} : tensor<?x4x1xf32>, tensor<?x2x1xf32>, tensor<?x2x1xf32> -> tensor<?x4x1xf32>
  return %r : tensor<?x4x1xf32>
}

// Chunks of two: the third query starts a new one.
// CHUNK: output0=3x1x1xf32=3,4.5,12
func.func @chunk(%q: tensor<?x1x1xf32>, %k: tensor<?x1x1xf32>, %v: tensor<?x1x1xf32>) -> tensor<?x1x1xf32> {
  %r = nn.attention %q, %k, %v {scale = 1.0 : f32, causal, chunk = 2} : tensor<?x1x1xf32>, tensor<?x1x1xf32>, tensor<?x1x1xf32> -> tensor<?x1x1xf32>
  return %r : tensor<?x1x1xf32>
}

// A sink counts like one more key of value zero in the first head (21 / 4), like three in the second (21 / 6).
// SINKS: output0=1x2x1xf32=5.25,3.5
func.func @sinks(%q: tensor<?x2x1xf32>, %k: tensor<?x1x1xf32>, %v: tensor<?x1x1xf32>, %s: tensor<2xf32>) -> tensor<?x2x1xf32> {
  %r = nn.attention %q, %k, %v sinks(%s : tensor<2xf32>) {scale = 1.0 : f32, causal} : tensor<?x2x1xf32>, tensor<?x1x1xf32>, tensor<?x1x1xf32> -> tensor<?x2x1xf32>
  return %r : tensor<?x2x1xf32>
}

// The second head's slope of ln 3 makes the key one step back count a third.
// SLOPES: output0=1x2x1xf32=6,7
func.func @slopes(%q: tensor<?x2x1xf32>, %k: tensor<?x1x1xf32>, %v: tensor<?x1x1xf32>, %s: tensor<2xf32>) -> tensor<?x2x1xf32> {
  %r = nn.attention %q, %k, %v slopes(%s : tensor<2xf32>) {scale = 1.0 : f32, causal} : tensor<?x2x1xf32>, tensor<?x1x1xf32>, tensor<?x1x1xf32> -> tensor<?x2x1xf32>
  return %r : tensor<?x2x1xf32>
}
