// The expected values are those of the formula, by Python; the change of rank one reads the state before the decay.
// RUN: tenon-interp %s --entry=delta --input=input0=2x1x2xf32=2,1,1,-1 --input=input1=2x1x2xf32=1,-1,0.5,2 --input=input2=2x1x1xf32=2,-1 --input=input3=2x1x2xf32=0.5,-0.25,-1,0.5 --input=input4=2x1x2xf32=1,0.5,-0.5,2 --input=input5=2x1x2xf32=-0.5,-1,-0.25,-2 --input=input6=1x2x1xf32=0.1,0.2 --expected=output0=2x1x1xf32=2.34488202,10.9999604 --expected=output1=1x2x1xf32=6.21589306,-4.7840673 --tolerance=1e-6

func.func @delta(%q: tensor<?x1x2xf32>, %k: tensor<?x1x2xf32>, %v: tensor<?x1x1xf32>, %a: tensor<?x1x2xf32>, %b: tensor<?x1x2xf32>,
                 %g: tensor<?x1x2xf32>, %s: tensor<1x2x1xf32>) -> (tensor<?x1x1xf32>, tensor<1x2x1xf32>) {
  %y, %n = ssm.delta_rule %q, %k, %v, %a, %b decay %g state %s
      : tensor<?x1x2xf32>, tensor<?x1x2xf32>, tensor<?x1x1xf32>, tensor<?x1x2xf32>, tensor<?x1x2xf32>, tensor<?x1x2xf32>, tensor<1x2x1xf32>
  return %y, %n : tensor<?x1x1xf32>, tensor<1x2x1xf32>
}
