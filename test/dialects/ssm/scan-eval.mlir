// The expected values are those of the formula, by Python; groups of rows, the last one smaller, and a prefix of what does not commute.
// RUN: tenon-interp %s --entry=groups --input=input0=5x1xf32=1,2,3,4,5 --input=input1=1xf32=10 --expected=output0=5x1xf32=11,12,16,17,25 --expected=output1=1xf32=25 --tolerance=1e-6
// RUN: tenon-interp %s --entry=products --input=input0=5x2x2xf32=1,1,0,1,1,0,1,1,0,1,1,0,2,0,0,1,1,2,3,4 --expected=output0=5x2x2xf32=1,1,0,1,1,1,1,2,1,2,1,1,2,4,1,1,4,6,10,16 --tolerance=1e-6

// Pairs of rows: a sum of the rows of the group, on the state. The last group has one row.
func.func @groups(%x: tensor<?x1xf32>, %s: tensor<1xf32>) -> (tensor<?x1xf32>, tensor<1xf32>) {
  %y, %n = ssm.scan chunk = 2 sequences(%x : tensor<?x1xf32>) states(%s : tensor<1xf32>) -> (tensor<?x1xf32>) next(tensor<1xf32>) {
  ^bb0(%rows: tensor<?x1xf32>, %state: tensor<1xf32>):
    %0 = nn.reduce sum %rows dim = 0 : tensor<?x1xf32> -> tensor<1xf32>
    %1 = nn.add %state, %0 : tensor<1xf32>, tensor<1xf32>
    %2 = nn.add %rows, %state : tensor<?x1xf32>, tensor<1xf32>
    ssm.yield outputs(%2 : tensor<?x1xf32>) states(%1 : tensor<1xf32>)
  }
  return %y, %n : tensor<?x1xf32>, tensor<1xf32>
}

// Products of 2 x 2 matrices, which do not commute.
func.func @products(%x: tensor<?x2x2xf32>) -> tensor<?x2x2xf32> {
  %y = ssm.prefix elements(%x : tensor<?x2x2xf32>) {
  ^bb0(%first: tensor<?x2x2xf32>, %second: tensor<?x2x2xf32>):
    %0 = nn.matmul %second, %first : tensor<?x2x2xf32>, tensor<?x2x2xf32> -> tensor<?x2x2xf32>
    ssm.yield outputs(%0 : tensor<?x2x2xf32>)
  }
  return %y : tensor<?x2x2xf32>
}
