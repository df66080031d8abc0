// RUN: tenon-opt %s | tenon-opt | FileCheck %s

// The step of one token, carried over the rows.
// CHECK-LABEL: @scan
func.func @scan(%x: tensor<?x64xf32>, %w: tensor<64xf32>, %s: tensor<1x64xf32>) {
  // CHECK: ssm.scan sequences(%{{.*}} : tensor<?x64xf32>) fixed(%{{.*}} : tensor<64xf32>) states(%{{.*}} : tensor<1x64xf32>) -> (tensor<?x64xf32>) next(tensor<1x64xf32>) {
  // CHECK-NEXT: ^bb0(%{{.*}}: tensor<1x64xf32>, %{{.*}}: tensor<64xf32>, %{{.*}}: tensor<1x64xf32>):
  %y, %next = ssm.scan sequences(%x : tensor<?x64xf32>) fixed(%w : tensor<64xf32>) states(%s : tensor<1x64xf32>)
      -> (tensor<?x64xf32>) next(tensor<1x64xf32>) {
  ^bb0(%row: tensor<1x64xf32>, %weight: tensor<64xf32>, %state: tensor<1x64xf32>):
    %0 = nn.mul %state, %weight : tensor<1x64xf32>, tensor<64xf32>
    %1 = nn.add %0, %row : tensor<1x64xf32>, tensor<1x64xf32>
    // CHECK: ssm.yield outputs(%{{.*}} : tensor<1x64xf32>) states(%{{.*}} : tensor<1x64xf32>)
    ssm.yield outputs(%1 : tensor<1x64xf32>) states(%1 : tensor<1x64xf32>)
  }
  return
}

// Up to 16 rows at a time, without fixed operands or states.
// CHECK-LABEL: @chunk
func.func @chunk(%x: tensor<?x64xf32>) {
  // CHECK: ssm.scan chunk = 16 sequences(%{{.*}} : tensor<?x64xf32>) -> (tensor<?x64xf32>) {
  %y = ssm.scan chunk = 16 sequences(%x : tensor<?x64xf32>) -> (tensor<?x64xf32>) {
  ^bb0(%rows: tensor<?x64xf32>):
    ssm.yield outputs(%rows : tensor<?x64xf32>)
  }
  return
}

// CHECK-LABEL: @prefix
func.func @prefix(%x: tensor<?x64xf32>) {
  // CHECK: ssm.prefix elements(%{{.*}} : tensor<?x64xf32>) {
  %sums = ssm.prefix elements(%x : tensor<?x64xf32>) {
  ^bb0(%first: tensor<?x64xf32>, %second: tensor<?x64xf32>):
    %0 = nn.add %first, %second : tensor<?x64xf32>, tensor<?x64xf32>
    ssm.yield outputs(%0 : tensor<?x64xf32>)
  }
  return
}
