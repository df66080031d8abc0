// The expected values are those of dense matrices, by numpy; a constant is that of the published table.
// RUN: tenon-interp %s --entry=window --input=input0=2x2xf32=1,2,3,-1 --input=input1=2x2xf32=0.5,-0.25,0.1,0.9 --input=input2=2xf32=1,-2 --input=input3=2x2xf32=0.5,0,-1,1 --expected=output0=2x2x2xf32=1.5,1.75,-2.85,-3.1,4.4625,0.65,-8.415,-0.615 --expected=output1=2x2xf32=4.4625,0.65,-8.415,-0.615 --tolerance=1e-6
// RUN: tenon-interp %s --entry=whole --input=input0=3x1xf32=1,2,-1 --input=input1=4x1xf32=0,0,0,0 --expected=output0=3x4x1xf32=0.66666667,0.57735027,0.1490712,1,1.2,0.80829038,-0.063887656,2,0.57142857,-0.41239305,-1.1286819,3 --expected=output1=4x1xf32=0.57142857,-0.41239305,-1.1286819,3 --tolerance=1e-6
// RUN: tenon-interp %s --entry=constants --expected=output0=4x4xf32=0,0,0,0,-1.7320508,-1,0,0,-2.236068,-3.8729833,-2,0,-2.6457513,-4.5825757,-5.9160798,-3 --expected=output1=4xf32=1,1.7320508,2.236068,2.6457513 --tolerance=1e-6

func.func @window(%x: tensor<?x2xf32>, %a: tensor<2x2xf32>, %b: tensor<2xf32>, %s: tensor<2x2xf32>) -> (tensor<?x2x2xf32>, tensor<2x2xf32>) {
  %c, %n = ssm.project %x, %a, %b state %s : tensor<?x2xf32>, tensor<2x2xf32>, tensor<2xf32>, tensor<2x2xf32>
  return %c, %n : tensor<?x2x2xf32>, tensor<2x2xf32>
}

func.func @whole(%x: tensor<?x1xf32>, %s: tensor<4x1xf32>) -> (tensor<?x4x1xf32>, tensor<4x1xf32>) {
  %c, %n = ssm.project_whole %x state %s : tensor<?x1xf32>, tensor<4x1xf32>
  return %c, %n : tensor<?x4x1xf32>, tensor<4x1xf32>
}

// A forward step of one unit: I + A.
func.func @constants() -> (tensor<4x4xf32>, tensor<4xf32>) {
  %a, %b = ssm.hippo legs euler step = 1.0 -> tensor<4x4xf32>, tensor<4xf32>
  return %a, %b : tensor<4x4xf32>, tensor<4xf32>
}
