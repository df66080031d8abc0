// With queries of zero all visible keys count the same, so the result is the mean of their values.
// RUN: tenon-interp %s --entry=causal --input=input0=2x2x1xf32=0 --input=input1=3x1x1xf32=1,2,3 --input=input2=3x1x1xf32=3,6,12 | FileCheck %s --check-prefix=CAUSAL
// RUN: tenon-interp %s --entry=window --input=input0=3x1x1xf32=0 --input=input1=3x1x1xf32=1,2,3 --input=input2=3x1x1xf32=3,6,12 | FileCheck %s --check-prefix=WINDOW
// RUN: tenon-interp %s --entry=full --input=input0=1x1x1xf32=0 --input=input1=3x1x1xf32=1,2,3 --input=input2=3x1x1xf32=3,6,12 --input=input3=1x3xf32=0,-1000,0 | FileCheck %s --check-prefix=FULL
// RUN: tenon-interp %s --entry=groups --input=input0=1x4x1xf32=0 --input=input1=1x2x1xf32=0 --input=input2=1x2x1xf32=5,7 | FileCheck %s --check-prefix=GROUPS

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
