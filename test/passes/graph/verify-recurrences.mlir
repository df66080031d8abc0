// RUN: tenon-opt %s --tenon-verify-recurrences="lengths=0,1,7,33 chunks=1,5,16,64" -o /dev/null 2>&1 | FileCheck %s
// RUN: tenon-opt %s --tenon-verify-recurrences="lengths=5,7 chunks=1,2,3,4,5,6,7,8" -o /dev/null 2>&1 | FileCheck %s --check-prefix=EVERY
// EVERY: chunked         8
// EVERY: ssm.scan at

// RUN: not tenon-opt %s --tenon-verify-recurrences="lengths=33 chunks=16 tolerance=0" -o /dev/null 2>&1 | FileCheck %s --check-prefix=DIFFER
// RUN: not tenon-opt %s --tenon-verify-recurrences=lengths=-1 -o /dev/null 2>&1 | FileCheck %s --check-prefix=RANGE
// RANGE: expects lengths of at least 0 and chunks of at least 1
// DIFFER: error: the forms of ssm.{{.*}} differ by {{.*}}, more than 0

// Each form that there is, and why another is not. What a step gives is the measure, so that a scan of it has no error at all.
// CHECK-LABEL: ssm.causal_conv at
// CHECK: step            1 {{.*}} 0.0e+00
// CHECK-NEXT: sequential      1 {{.*}} 0.0e+00
// CHECK-NEXT: chunked         1 {{.*}} {{[0-9].[0-9]e-1[5-9]|0.0e\+00}}
// CHECK: chunked        64
// CHECK-NEXT: prefix: it is not associative
func.func @causal_conv(%x: tensor<?x5xf32>, %w: tensor<5x4xbf16>, %b: tensor<5xf32>, %s: tensor<3x5xf32>) -> tensor<?x5xf32> {
  %y, %n = ssm.causal_conv %x, %w bias %b state %s : tensor<?x5xf32>, tensor<5x4xbf16>, tensor<5xf32>, tensor<3x5xf32>
  return %y : tensor<?x5xf32>
}

// CHECK-LABEL: ssm.causal_conv at
func.func @one_tap(%x: tensor<?x5xf32>, %w: tensor<5x1xf32>, %s: tensor<0x5xf32>) -> tensor<?x5xf32> {
  %y, %n = ssm.causal_conv %x, %w state %s : tensor<?x5xf32>, tensor<5x1xf32>, tensor<0x5xf32>
  return %y : tensor<?x5xf32>
}

// CHECK-LABEL: ssm.shift at
// CHECK: chunked: it has no closed form and is not associative
func.func @shift(%x: tensor<?x5xf32>, %s: tensor<1x5xf32>) -> tensor<?x5xf32> {
  %y, %n = ssm.shift %x state %s : tensor<?x5xf32>, tensor<1x5xf32>
  return %y : tensor<?x5xf32>
}

// CHECK-LABEL: ssm.selective_scan at
// CHECK: prefix          -
func.func @selective_scan(%x: tensor<?x5xf32>, %dt: tensor<?x5xf32>, %a: tensor<3x5xf32>, %b: tensor<?x3xf32>, %c: tensor<?x3xf32>, %d: tensor<5xf32>,
                          %s: tensor<3x5xf32>) -> tensor<?x5xf32> {
  %y, %n = ssm.selective_scan %x, %dt, %a, %b, %c skip %d state %s
      : tensor<?x5xf32>, tensor<?x5xf32>, tensor<3x5xf32>, tensor<?x3xf32>, tensor<?x3xf32>, tensor<5xf32>, tensor<3x5xf32>
  return %y : tensor<?x5xf32>
}

// CHECK-LABEL: ssm.ssd at
// CHECK: chunked         5
// CHECK: prefix          -
func.func @ssd(%x: tensor<?x4x5xf32>, %dt: tensor<?x4xf32>, %a: tensor<4xf32>, %b: tensor<?x2x3xf32>, %c: tensor<?x2x3xf32>, %d: tensor<4xf32>,
               %s: tensor<4x3x5xf32>) -> tensor<?x4x5xf32> {
  %y, %n = ssm.ssd %x, %dt, %a, %b, %c skip %d state %s
      : tensor<?x4x5xf32>, tensor<?x4xf32>, tensor<4xf32>, tensor<?x2x3xf32>, tensor<?x2x3xf32>, tensor<4xf32>, tensor<4x3x5xf32>
  return %y : tensor<?x4x5xf32>
}

// Reading before, of fewer groups than heads, and after, with a decay for each head.
// CHECK-LABEL: ssm.linear_attention at
// CHECK: prefix          -
func.func @before(%q: tensor<?x2x3xf32>, %k: tensor<?x2x3xf32>, %v: tensor<?x4x5xf32>, %g: tensor<?x4x3xf32>, %u: tensor<4x3xf32>,
                  %s: tensor<4x3x5xf32>) -> tensor<?x4x5xf32> {
  %y, %n = ssm.linear_attention %q, %k, %v decay %g bonus %u state %s {read = #ssm.read<before>}
      : tensor<?x2x3xf32>, tensor<?x2x3xf32>, tensor<?x4x5xf32>, tensor<?x4x3xf32>, tensor<4x3xf32>, tensor<4x3x5xf32>
  return %y : tensor<?x4x5xf32>
}

// CHECK-LABEL: ssm.linear_attention at
// CHECK: prefix          -
func.func @after(%q: tensor<?x4x3xf32>, %v: tensor<?x4x5xf32>, %g: tensor<4xf32>, %s: tensor<4x3x5xf32>) -> tensor<?x4x5xf32> {
  %y, %n = ssm.linear_attention %q, %q, %v decay %g state %s {fixed_decay}
      : tensor<?x4x3xf32>, tensor<?x4x3xf32>, tensor<?x4x5xf32>, tensor<4xf32>, tensor<4x3x5xf32>
  return %y : tensor<?x4x5xf32>
}

// CHECK-LABEL: ssm.delta_rule at
// CHECK: prefix          -
func.func @delta_rule(%q: tensor<?x2x3xf32>, %k: tensor<?x2x3xf32>, %v: tensor<?x4x5xf32>, %a: tensor<?x2x3xf32>, %b: tensor<?x2x3xf32>,
                      %g: tensor<?x4x3xf32>, %s: tensor<4x3x5xf32>) -> tensor<?x4x5xf32> {
  %y, %n = ssm.delta_rule %q, %k, %v, %a, %b decay %g state %s
      : tensor<?x2x3xf32>, tensor<?x2x3xf32>, tensor<?x4x5xf32>, tensor<?x2x3xf32>, tensor<?x2x3xf32>, tensor<?x4x3xf32>, tensor<4x3x5xf32>
  return %y : tensor<?x4x5xf32>
}

// CHECK-LABEL: ssm.wkv at
// CHECK: prefix          -
func.func @wkv(%k: tensor<?x5xf32>, %v: tensor<?x5xf32>, %w: tensor<5xf32>, %u: tensor<5xf32>, %s: tensor<3x5xf32>) -> tensor<?x5xf32> {
  %y, %n = ssm.wkv %k, %v, %w, %u state %s : tensor<?x5xf32>, tensor<?x5xf32>, tensor<5xf32>, tensor<5xf32>, tensor<3x5xf32>
  return %y : tensor<?x5xf32>
}

// CHECK-LABEL: ssm.lru at
// CHECK: prefix          -
func.func @real(%x: tensor<?x5xf32>, %g: tensor<?x5xf32>, %s: tensor<1x5xf32>) -> tensor<?x5xf32> {
  %y, %n = ssm.lru %x, %g state %s : tensor<?x5xf32>, tensor<?x5xf32>, tensor<1x5xf32>
  return %y : tensor<?x5xf32>
}

// CHECK-LABEL: ssm.lru at
// CHECK: prefix          -
func.func @complex(%x: tensor<?x2x5xf32>, %g: tensor<5xf32>, %p: tensor<5xf32>, %s: tensor<2x5xf32>) -> tensor<?x2x5xf32> {
  %y, %n = ssm.lru %x, %g phase %p state %s : tensor<?x2x5xf32>, tensor<5xf32>, tensor<5xf32>, tensor<2x5xf32>
  return %y : tensor<?x2x5xf32>
}

// Of a scan that is written down, its rows cut in two, and its step.
// CHECK-LABEL: ssm.scan at
// CHECK: step            1
func.func @scan(%x: tensor<?x5xf32>, %s: tensor<1x5xf32>) -> tensor<?x5xf32> {
  %y, %next = ssm.scan sequences(%x : tensor<?x5xf32>) states(%s : tensor<1x5xf32>) -> (tensor<?x5xf32>) next(tensor<1x5xf32>) {
  ^bb0(%row: tensor<1x5xf32>, %state: tensor<1x5xf32>):
    %0 = nn.add %state, %row : tensor<1x5xf32>, tensor<1x5xf32>
    %1 = nn.tanh %0 : tensor<1x5xf32>
    ssm.yield outputs(%1 : tensor<1x5xf32>) states(%1 : tensor<1x5xf32>)
  }
  return %y : tensor<?x5xf32>
}
