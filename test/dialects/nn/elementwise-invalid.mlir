// RUN: tenon-opt %s --split-input-file --verify-diagnostics

func.func @add_c1(%a: tensor<?x64xf32>, %b: tensor<32xf32>) {
  // expected-error @below {{expects the right shape to be the end of the left shape [?, 64], but got [32]}}
  %0 = nn.add %a, %b : tensor<?x64xf32>, tensor<32xf32>
  return
}

// -----

func.func @add_c2(%a: tensor<?x64xf32>, %b: tensor<64xf16>) {
  // expected-error @below {{expects operands of one element type, but got 'f32' and 'f16'}}
  %0 = nn.add %a, %b : tensor<?x64xf32>, tensor<64xf16>
  return
}

// -----

func.func @sub_c1(%a: tensor<?x64xf32>, %b: tensor<32xf32>) {
  // expected-error @below {{expects the right shape to be the end of the left shape [?, 64], but got [32]}}
  %0 = nn.sub %a, %b : tensor<?x64xf32>, tensor<32xf32>
  return
}

// -----

func.func @sub_c2(%a: tensor<?x64xf32>, %b: tensor<64xf16>) {
  // expected-error @below {{expects operands of one element type, but got 'f32' and 'f16'}}
  %0 = nn.sub %a, %b : tensor<?x64xf32>, tensor<64xf16>
  return
}

// -----

func.func @mul_c1(%a: tensor<?x64xf32>, %b: tensor<32xf32>) {
  // expected-error @below {{expects the right shape to be the end of the left shape [?, 64], but got [32]}}
  %0 = nn.mul %a, %b : tensor<?x64xf32>, tensor<32xf32>
  return
}

// -----

func.func @mul_c2(%a: tensor<?x64xf32>, %b: tensor<64xf16>) {
  // expected-error @below {{expects operands of one element type, but got 'f32' and 'f16'}}
  %0 = nn.mul %a, %b : tensor<?x64xf32>, tensor<64xf16>
  return
}

// -----

func.func @div_c1(%a: tensor<?x64xf32>, %b: tensor<32xf32>) {
  // expected-error @below {{expects the right shape to be the end of the left shape [?, 64], but got [32]}}
  %0 = nn.div %a, %b : tensor<?x64xf32>, tensor<32xf32>
  return
}

// -----

func.func @div_c2(%a: tensor<?x64xf32>, %b: tensor<64xf16>) {
  // expected-error @below {{expects operands of one element type, but got 'f32' and 'f16'}}
  %0 = nn.div %a, %b : tensor<?x64xf32>, tensor<64xf16>
  return
}

// -----

func.func @max_c1(%a: tensor<?x64xf32>, %b: tensor<32xf32>) {
  // expected-error @below {{expects the right shape to be the end of the left shape [?, 64], but got [32]}}
  %0 = nn.max %a, %b : tensor<?x64xf32>, tensor<32xf32>
  return
}

// -----

func.func @max_c2(%a: tensor<?x64xf32>, %b: tensor<64xf16>) {
  // expected-error @below {{expects operands of one element type, but got 'f32' and 'f16'}}
  %0 = nn.max %a, %b : tensor<?x64xf32>, tensor<64xf16>
  return
}

// -----

func.func @min_c1(%a: tensor<?x64xf32>, %b: tensor<32xf32>) {
  // expected-error @below {{expects the right shape to be the end of the left shape [?, 64], but got [32]}}
  %0 = nn.min %a, %b : tensor<?x64xf32>, tensor<32xf32>
  return
}

// -----

func.func @min_c2(%a: tensor<?x64xf32>, %b: tensor<64xf16>) {
  // expected-error @below {{expects operands of one element type, but got 'f32' and 'f16'}}
  %0 = nn.min %a, %b : tensor<?x64xf32>, tensor<64xf16>
  return
}
