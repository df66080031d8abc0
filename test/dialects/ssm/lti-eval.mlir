// The expected values are those of the formula, by numpy.
// RUN: tenon-interp %s --entry=lti --input=input0=3x1xf32=1,-0.5,2 --input=input1=2x1xf32=-0.1,-0.4 --input=input2=2x1xf32=0.3,1.1 --input=input3=2x2x1xf32=0.5,1,0.25,-0.5 --input=input4=2x2x1xf32=0.8,0.1,-0.2,0.6 --input=input5=1xf32=0.5 --input=input6=2x2x1xf32=0.2,-0.3,0.1,0.4 --expected=output0=3x1xf32=1.4964409,-0.29429889,2.7079491 --expected=output1=2x2x1xf32=1.0736797,1.7240658,0.8872851,-0.83190294 --tolerance=1e-6

func.func @lti(%x: tensor<?x1xf32>, %g: tensor<2x1xf32>, %p: tensor<2x1xf32>, %b: tensor<2x2x1xf32>, %c: tensor<2x2x1xf32>, %d: tensor<1xf32>,
               %s: tensor<2x2x1xf32>) -> (tensor<?x1xf32>, tensor<2x2x1xf32>) {
  %y, %n = ssm.lti %x, %g, %p, %b, %c skip %d state %s
      : tensor<?x1xf32>, tensor<2x1xf32>, tensor<2x1xf32>, tensor<2x2x1xf32>, tensor<2x2x1xf32>, tensor<1xf32>, tensor<2x2x1xf32>
  return %y, %n : tensor<?x1xf32>, tensor<2x2x1xf32>
}
