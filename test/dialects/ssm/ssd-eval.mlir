// The expected values are those of the formula, by Python; two heads read one group.
// RUN: tenon-interp %s --entry=ssd --input=input0=2x2x1xf32=1,2,-1,0.5 --input=input1=2x2xf32=0.5,0.25,1,0.75 --input=input2=2xf32=-1,-0.5 --input=input3=2x1x2xf32=1,-1,0.5,2 --input=input4=2x1x2xf32=2,1,1,-1 --input=input5=2xf32=0.5,-0.5 --input=input6=2x2x1xf32=0.1,0.2,0.3,0.4 --expected=output0=2x2x1xf32=1.24261226,0.382496903,1.34556643,-0.185863787 --expected=output1=2x2x1xf32=-0.293747263,-2.13931369,0.713103837,0.648967624 --tolerance=1e-6

func.func @ssd(%x: tensor<?x2x1xf32>, %dt: tensor<?x2xf32>, %a: tensor<2xf32>, %b: tensor<?x1x2xf32>, %c: tensor<?x1x2xf32>, %d: tensor<2xf32>,
               %s: tensor<2x2x1xf32>) -> (tensor<?x2x1xf32>, tensor<2x2x1xf32>) {
  %y, %n = ssm.ssd %x, %dt, %a, %b, %c skip %d state %s
      : tensor<?x2x1xf32>, tensor<?x2xf32>, tensor<2xf32>, tensor<?x1x2xf32>, tensor<?x1x2xf32>, tensor<2xf32>, tensor<2x2x1xf32>
  return %y, %n : tensor<?x2x1xf32>, tensor<2x2x1xf32>
}
