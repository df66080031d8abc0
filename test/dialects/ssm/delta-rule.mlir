// RUN: tenon-opt %s | tenon-opt | FileCheck %s

// The decay may be of heads, of keys, or absent.
// CHECK-LABEL: @delta_rule
func.func @delta_rule(%q: tensor<?x4x16xf32>, %k: tensor<?x4x16xf32>, %v: tensor<?x4x32xf32>, %a: tensor<?x4x16xf32>, %b: tensor<?x4x16xf32>,
                      %g: tensor<?x4xf32>, %h: tensor<?x4x16xf32>, %s: tensor<4x16x32xf32>) {
  // CHECK: ssm.delta_rule %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} decay %{{.*}} state %{{.*}} : tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x4x32xf32>, tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x4xf32>, tensor<4x16x32xf32>
  %y, %next = ssm.delta_rule %q, %k, %v, %a, %b decay %g state %s : tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x4x32xf32>,
      tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x4xf32>, tensor<4x16x32xf32>
  // CHECK: ssm.delta_rule {{.*}} decay %{{.*}} state {{.*}}, tensor<?x4x16xf32>, tensor<4x16x32xf32>
  %0, %1 = ssm.delta_rule %q, %k, %v, %a, %b decay %h state %s : tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x4x32xf32>,
      tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<4x16x32xf32>
  // CHECK: ssm.delta_rule %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} state
  %2, %3 = ssm.delta_rule %q, %k, %v, %a, %b state %s : tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x4x32xf32>,
      tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<4x16x32xf32>
  return
}
