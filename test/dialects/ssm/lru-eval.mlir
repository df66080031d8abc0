// The expected values are those of the formula, by Python; real with a decay for each row, and complex.
// RUN: tenon-interp %s --entry=real --input=input0=2x2xf32=1,2,3,4 --input=input1=2x2xf32=-0.5,-1,-0.25,-2 --input=input2=1x2xf32=0.5,-0.5 --expected=output0=2x2xf32=1.30326533,1.81606028,4.01498406,4.24577703 --expected=output1=1x2xf32=4.01498406,4.24577703 --tolerance=1e-6
// RUN: tenon-interp %s --entry=complex --input=input0=2x2x1xf32=1,2,3,4 --input=input1=1xf32=-0.1 --input=input2=1xf32=1.2 --input=input3=2x1xf32=0.5,-0.25 --expected=output0=2x2x1xf32=1.37477339,2.33970321,1.47757934,5.92653652 --expected=output1=2x1xf32=1.47757934,5.92653652 --tolerance=1e-6

func.func @real(%x: tensor<?x2xf32>, %g: tensor<?x2xf32>, %s: tensor<1x2xf32>) -> (tensor<?x2xf32>, tensor<1x2xf32>) {
  %y, %n = ssm.lru %x, %g state %s : tensor<?x2xf32>, tensor<?x2xf32>, tensor<1x2xf32>
  return %y, %n : tensor<?x2xf32>, tensor<1x2xf32>
}

func.func @complex(%x: tensor<?x2x1xf32>, %g: tensor<1xf32>, %p: tensor<1xf32>, %s: tensor<2x1xf32>) -> (tensor<?x2x1xf32>, tensor<2x1xf32>) {
  %y, %n = ssm.lru %x, %g phase %p state %s : tensor<?x2x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<2x1xf32>
  return %y, %n : tensor<?x2x1xf32>, tensor<2x1xf32>
}
