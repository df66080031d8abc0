// The expected values are those of the formula, by Python; a sequence that is shorter than the window reads the state.
// RUN: tenon-interp %s --entry=conv --input=input0=2x2xf32=1,2,3,-1 --input=input1=2x3xf32=0.5,-1,2,1,0.25,-0.5 --input=input2=2xf32=0.1,-0.2 --input=input3=2x2xf32=4,5,6,7 --expected=output0=2x2xf32=-1.9,5.55,8.1,7.8 --expected=output1=2x2xf32=1,2,3,-1 --tolerance=1e-6
// RUN: tenon-interp %s --entry=conv --input=input0=1x2xf32=1,2 --input=input1=2x3xf32=0.5,-1,2,1,0.25,-0.5 --input=input2=2xf32=0.1,-0.2 --input=input3=2x2xf32=4,5,6,7 --expected=output0=1x2xf32=-1.9,5.55 --expected=output1=2x2xf32=6,7,1,2 --tolerance=1e-6
// RUN: tenon-interp %s --entry=shift --input=input0=3x2xf32=1,2,3,4,5,6 --input=input1=1x2xf32=8,9 --expected=output0=3x2xf32=8,9,1,2,3,4 --expected=output1=1x2xf32=5,6 --tolerance=1e-6

func.func @conv(%x: tensor<?x2xf32>, %w: tensor<2x3xf32>, %b: tensor<2xf32>, %s: tensor<2x2xf32>) -> (tensor<?x2xf32>, tensor<2x2xf32>) {
  %y, %n = ssm.causal_conv %x, %w bias %b state %s : tensor<?x2xf32>, tensor<2x3xf32>, tensor<2xf32>, tensor<2x2xf32>
  return %y, %n : tensor<?x2xf32>, tensor<2x2xf32>
}

func.func @shift(%x: tensor<?x2xf32>, %s: tensor<1x2xf32>) -> (tensor<?x2xf32>, tensor<1x2xf32>) {
  %y, %n = ssm.shift %x state %s : tensor<?x2xf32>, tensor<1x2xf32>
  return %y, %n : tensor<?x2xf32>, tensor<1x2xf32>
}
