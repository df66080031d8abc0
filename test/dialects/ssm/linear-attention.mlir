// RUN: tenon-opt %s | tenon-opt | FileCheck %s

// CHECK-LABEL: @bonus
func.func @bonus(%q: tensor<?x4x16xf32>, %k: tensor<?x4x16xf32>, %v: tensor<?x4x32xf32>, %g: tensor<?x4x16xf32>, %u: tensor<4x16xf32>,
                 %s: tensor<4x16x32xf32>) {
  // CHECK: ssm.linear_attention %{{.*}}, %{{.*}}, %{{.*}} decay %{{.*}} bonus %{{.*}} state %{{.*}} {read = #ssm.read<before>} : tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x4x32xf32>, tensor<?x4x16xf32>, tensor<4x16xf32>, tensor<4x16x32xf32>
  %y, %next = ssm.linear_attention %q, %k, %v decay %g bonus %u state %s {read = #ssm.read<before>} : tensor<?x4x16xf32>,
      tensor<?x4x16xf32>, tensor<?x4x32xf32>, tensor<?x4x16xf32>, tensor<4x16xf32>, tensor<4x16x32xf32>
  return
}

// A decay of heads or of keys, with rows or fixed, or none; queries and keys of fewer groups than heads.
// CHECK-LABEL: @decays
func.func @decays(%q: tensor<?x2x16xf32>, %v: tensor<?x4x32xf32>, %rows: tensor<?x4xf32>, %heads: tensor<4xf32>, %keys: tensor<4x16xf32>,
                  %s: tensor<4x16x32xf32>) {
  // CHECK: decay %{{.*}} state %{{.*}} : {{.*}}, tensor<?x4xf32>, tensor<4x16x32xf32>
  %0, %1 = ssm.linear_attention %q, %q, %v decay %rows state %s
      : tensor<?x2x16xf32>, tensor<?x2x16xf32>, tensor<?x4x32xf32>, tensor<?x4xf32>, tensor<4x16x32xf32>
  // CHECK: decay %{{.*}} state %{{.*}} {fixed_decay} : {{.*}}, tensor<4xf32>, tensor<4x16x32xf32>
  %2, %3 = ssm.linear_attention %q, %q, %v decay %heads state %s {fixed_decay}
      : tensor<?x2x16xf32>, tensor<?x2x16xf32>, tensor<?x4x32xf32>, tensor<4xf32>, tensor<4x16x32xf32>
  // CHECK: decay %{{.*}} state %{{.*}} {fixed_decay} : {{.*}}, tensor<4x16xf32>, tensor<4x16x32xf32>
  %4, %5 = ssm.linear_attention %q, %q, %v decay %keys state %s {fixed_decay}
      : tensor<?x2x16xf32>, tensor<?x2x16xf32>, tensor<?x4x32xf32>, tensor<4x16xf32>, tensor<4x16x32xf32>
  // CHECK: ssm.linear_attention %{{.*}}, %{{.*}}, %{{.*}} state %{{.*}} : tensor<?x2x16xf32>
  %6, %7 = ssm.linear_attention %q, %q, %v state %s : tensor<?x2x16xf32>, tensor<?x2x16xf32>, tensor<?x4x32xf32>, tensor<4x16x32xf32>
  return
}
