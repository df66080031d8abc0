// The expected values are those of the formula, by Python; read after a row is added, and before, with a bonus.
// RUN: tenon-interp %s --entry=after --input=input0=2x1x2xf32=2,1,1,-1 --input=input1=2x1x2xf32=1,-1,0.5,2 --input=input2=2x1x1xf32=2,-1 --input=input3=2x1x2xf32=-0.5,-1,-0.25,-2 --input=input4=1x2x1xf32=0.1,0.2 --expected=output0=2x1x1xf32=2.19488202,3.36555137 --expected=output1=1x2x1xf32=1.10483822,-2.26071315 --tolerance=1e-6
// RUN: tenon-interp %s --entry=before --input=input0=2x1x2xf32=2,1,1,-1 --input=input1=2x1x2xf32=1,-1,0.5,2 --input=input2=2x1x1xf32=2,-1 --input=input3=2x1x2xf32=-0.5,-1,-0.25,-2 --input=input4=1x2xf32=0.5,3 --input=input5=1x2x1xf32=0.1,0.2 --expected=output0=2x1x1xf32=-3.6,9.73707718 --expected=output1=1x2x1xf32=1.10483822,-2.26071315 --tolerance=1e-6

func.func @after(%q: tensor<?x1x2xf32>, %k: tensor<?x1x2xf32>, %v: tensor<?x1x1xf32>, %g: tensor<?x1x2xf32>, %s: tensor<1x2x1xf32>)
    -> (tensor<?x1x1xf32>, tensor<1x2x1xf32>) {
  %y, %n = ssm.linear_attention %q, %k, %v decay %g state %s
      : tensor<?x1x2xf32>, tensor<?x1x2xf32>, tensor<?x1x1xf32>, tensor<?x1x2xf32>, tensor<1x2x1xf32>
  return %y, %n : tensor<?x1x1xf32>, tensor<1x2x1xf32>
}

func.func @before(%q: tensor<?x1x2xf32>, %k: tensor<?x1x2xf32>, %v: tensor<?x1x1xf32>, %g: tensor<?x1x2xf32>, %u: tensor<1x2xf32>, %s: tensor<1x2x1xf32>)
    -> (tensor<?x1x1xf32>, tensor<1x2x1xf32>) {
  %y, %n = ssm.linear_attention %q, %k, %v decay %g bonus %u state %s {read = #ssm.read<before>}
      : tensor<?x1x2xf32>, tensor<?x1x2xf32>, tensor<?x1x1xf32>, tensor<?x1x2xf32>, tensor<1x2xf32>, tensor<1x2x1xf32>
  return %y, %n : tensor<?x1x1xf32>, tensor<1x2x1xf32>
}
