// The expected values are those of the formula, by Python; zeros are the start; no exponential is taken of a key of 500.
// RUN: tenon-interp %s --entry=wkv --input=input0=3x1xf32=0.5,-1,2 --input=input1=3x1xf32=1,-2,3 --input=input2=1xf32=-0.3 --input=input3=1xf32=0.7 --input=input4=3x1xf32=0,0,0 --expected=output0=3x1xf32=1,0.0699234434,2.73998427 --expected=output1=3x1xf32=3.04869009,1.1593396,2 --tolerance=1e-6
// RUN: tenon-interp %s --entry=wkv --input=input0=3x1xf32=500.5,499,502 --input=input1=3x1xf32=1,-2,3 --input=input2=1xf32=-0.3 --input=input3=1xf32=0.7 --input=input4=3x1xf32=0,0,0 --expected=output0=3x1xf32=1,0.0699234434,2.73998427 --expected=output1=3x1xf32=3.04869009,1.1593396,502 --tolerance=1e-6

func.func @wkv(%k: tensor<?x1xf32>, %v: tensor<?x1xf32>, %w: tensor<1xf32>, %u: tensor<1xf32>, %s: tensor<3x1xf32>)
    -> (tensor<?x1xf32>, tensor<3x1xf32>) {
  %y, %n = ssm.wkv %k, %v, %w, %u state %s : tensor<?x1xf32>, tensor<?x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<3x1xf32>
  return %y, %n : tensor<?x1xf32>, tensor<3x1xf32>
}
