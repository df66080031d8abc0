// The expected values are those of the formula, by Python; the state of the first row is not empty.
// RUN: tenon-interp %s --entry=scan --input=input0=2x2xf32=1,2,-1,0.5 --input=input1=2x2xf32=0.5,0.25,1,0.75 --input=input2=2x2xf32=-1,-2,-0.5,-0.1 --input=input3=2x2xf32=1,-1,0.5,2 --input=input4=2x2xf32=2,1,1,-1 --input=input5=2xf32=0.5,-0.5 --input=input6=2x2xf32=0.1,0.2,0.3,0.4 --expected=output0=2x2xf32=1.35494637,0.132736229,1.3678081,-0.571931087 --expected=output1=2x2xf32=-0.293747263,0.326132137,-2.16155536,0.648063224 --tolerance=1e-6

func.func @scan(%x: tensor<?x2xf32>, %dt: tensor<?x2xf32>, %a: tensor<2x2xf32>, %b: tensor<?x2xf32>, %c: tensor<?x2xf32>, %d: tensor<2xf32>,
                %s: tensor<2x2xf32>) -> (tensor<?x2xf32>, tensor<2x2xf32>) {
  %y, %n = ssm.selective_scan %x, %dt, %a, %b, %c skip %d state %s
      : tensor<?x2xf32>, tensor<?x2xf32>, tensor<2x2xf32>, tensor<?x2xf32>, tensor<?x2xf32>, tensor<2xf32>, tensor<2x2xf32>
  return %y, %n : tensor<?x2xf32>, tensor<2x2xf32>
}
