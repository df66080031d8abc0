// RUN: tenon-opt %s --split-input-file --verify-diagnostics

func.func @attention_c1(%q: tensor<4x16xf32>, %k: tensor<4x2x8xf32>) {
  // expected-error @below {{expects a rank-3 query, but got rank 2}}
  %r = nn.attention %q, %k, %k {scale = 1.0 : f32} : tensor<4x16xf32>, tensor<4x2x8xf32>, tensor<4x2x8xf32> -> tensor<4x2x8xf32>
  return
}

// -----

func.func @attention_c2(%q: tensor<4x2x8xf32>, %v: tensor<5x2x8xf32>) {
  // expected-error @below {{expects as many positions and heads of value as of key [4, 2, 8], but got [5, 2, 8]}}
  %r = nn.attention %q, %q, %v {scale = 1.0 : f32} : tensor<4x2x8xf32>, tensor<4x2x8xf32>, tensor<5x2x8xf32> -> tensor<4x2x8xf32>
  return
}

// -----

func.func @attention_c3(%q: tensor<4x2x8xf32>, %k: tensor<4x2x6xf32>) {
  // expected-error @below {{expects keys of the query's head size 8, but got 6}}
  %r = nn.attention %q, %k, %q {scale = 1.0 : f32} : tensor<4x2x8xf32>, tensor<4x2x6xf32>, tensor<4x2x8xf32> -> tensor<4x2x8xf32>
  return
}

// -----

func.func @attention_c4(%q: tensor<4x9x8xf32>, %k: tensor<4x2x8xf32>) {
  // expected-error @below {{expects the query heads to be a multiple of the key heads, but got 9 and 2}}
  %r = nn.attention %q, %k, %k {scale = 1.0 : f32} : tensor<4x9x8xf32>, tensor<4x2x8xf32>, tensor<4x2x8xf32> -> tensor<4x9x8xf32>
  return
}

// -----

func.func @attention_c5(%q: tensor<4x2x8xf32>, %v: tensor<4x2x6xf32>) {
  // expected-error @below {{expects the result shape [4, 2, 6], but got [4, 2, 8]}}
  %r = nn.attention %q, %q, %v {scale = 1.0 : f32} : tensor<4x2x8xf32>, tensor<4x2x8xf32>, tensor<4x2x6xf32> -> tensor<4x2x8xf32>
  return
}

// -----

func.func @attention_c6(%q: tensor<4x2x8xf32>, %b: tensor<4x5xf32>) {
  // expected-error @below {{expects the bias shape [4, 4], but got [4, 5]}}
  %r = nn.attention %q, %q, %q, bias %b {scale = 1.0 : f32}
      : tensor<4x2x8xf32>, tensor<4x2x8xf32>, tensor<4x2x8xf32>, tensor<4x5xf32> -> tensor<4x2x8xf32>
  return
}

// -----

func.func @attention_c7(%q: tensor<4x2x8xf32>) {
  // expected-error @below {{expects a window to be positive and to stand with causal, but got window 3 without causal}}
  %r = nn.attention %q, %q, %q {scale = 1.0 : f32, window = 3}
      : tensor<4x2x8xf32>, tensor<4x2x8xf32>, tensor<4x2x8xf32> -> tensor<4x2x8xf32>
  return
}

// -----

func.func @attention_c8(%q: tensor<4x2x8xf32>) {
  // expected-error @below {{expects a positive soft_cap, but got 0}}
  %r = nn.attention %q, %q, %q {scale = 1.0 : f32, soft_cap = 0.0 : f32}
      : tensor<4x2x8xf32>, tensor<4x2x8xf32>, tensor<4x2x8xf32> -> tensor<4x2x8xf32>
  return
}

// -----

func.func @attention_c9(%q: tensor<4x2x8xf32>) {
  // expected-error @below {{expects a chunk to be positive and to stand with causal, but got chunk 0}}
  %r = nn.attention %q, %q, %q {scale = 1.0 : f32, causal, chunk = 0}
      : tensor<4x2x8xf32>, tensor<4x2x8xf32>, tensor<4x2x8xf32> -> tensor<4x2x8xf32>
  return
}

// -----

func.func @attention_c10(%q: tensor<4x2x8xf32>, %s: tensor<4xf32>) {
  // expected-error @below {{expects the sinks shape [2], but got [4]}}
  %r = nn.attention %q, %q, %q sinks(%s : tensor<4xf32>) {scale = 1.0 : f32}
      : tensor<4x2x8xf32>, tensor<4x2x8xf32>, tensor<4x2x8xf32> -> tensor<4x2x8xf32>
  return
}

// -----

func.func @attention_c11(%q: tensor<4x2x8xf32>, %s: tensor<1x2xf32>) {
  // expected-error @below {{expects the slopes shape [2], but got [1, 2]}}
  %r = nn.attention %q, %q, %q slopes(%s : tensor<1x2xf32>) {scale = 1.0 : f32}
      : tensor<4x2x8xf32>, tensor<4x2x8xf32>, tensor<4x2x8xf32> -> tensor<4x2x8xf32>
  return
}
