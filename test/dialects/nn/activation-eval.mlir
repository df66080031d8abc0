// The expected values are those of Python's math module.
// RUN: tenon-interp %s --entry=silu --input=input0=4xf32=-2,0,0.5,3 --expected=output0=4xf32=-0.238405844,0,0.311229666,2.85772238 --tolerance=1e-7
// RUN: tenon-interp %s --entry=relu --input=input0=4xf32=-2,0,0.5,3 --expected=output0=4xf32=0,0,0.5,3 --tolerance=1e-7
// RUN: tenon-interp %s --entry=relu2 --input=input0=4xf32=-2,0,0.5,3 --expected=output0=4xf32=0,0,0.25,9 --tolerance=1e-7
// RUN: tenon-interp %s --entry=tanh --input=input0=4xf32=-2,0,0.5,3 --expected=output0=4xf32=-0.96402758,0,0.462117157,0.995054754 --tolerance=1e-7
// RUN: tenon-interp %s --entry=sigmoid --input=input0=4xf32=-2,0,0.5,3 --expected=output0=4xf32=0.119202922,0.5,0.622459331,0.952574127 --tolerance=1e-7
// RUN: tenon-interp %s --entry=exp --input=input0=4xf32=-2,0,0.5,3 --expected=output0=4xf32=0.135335283,1,1.64872127,20.0855369 --tolerance=1e-7
// RUN: tenon-interp %s --entry=sin --input=input0=4xf32=-2,0,0.5,3 --expected=output0=4xf32=-0.909297427,0,0.479425539,0.141120008 --tolerance=1e-7
// RUN: tenon-interp %s --entry=cos --input=input0=4xf32=-2,0,0.5,3 --expected=output0=4xf32=-0.416146837,1,0.877582562,-0.989992497 --tolerance=1e-7
// RUN: tenon-interp %s --entry=neg --input=input0=4xf32=-2,0,0.5,3 --expected=output0=4xf32=2,0,-0.5,-3 --tolerance=1e-7
// RUN: tenon-interp %s --entry=abs --input=input0=4xf32=-2,0,0.5,3 --expected=output0=4xf32=2,0,0.5,3 --tolerance=1e-7
// RUN: tenon-interp %s --entry=gelu --input=input0=4xf32=-2,0,0.5,3 --expected=output0=4xf32=-0.0455002639,0,0.345731231,2.99595031 --tolerance=1e-7
// RUN: tenon-interp %s --entry=gelu_tanh --input=input0=4xf32=-2,0,0.5,3 --expected=output0=4xf32=-0.0454023059,0,0.34571401,2.99636261 --tolerance=1e-7
// RUN: tenon-interp %s --entry=sqrt --input=input0=4xf32=0.25,1,4,9 --expected=output0=4xf32=0.5,1,2,3 --tolerance=1e-7
// RUN: tenon-interp %s --entry=rsqrt --input=input0=4xf32=0.25,1,4,9 --expected=output0=4xf32=2,1,0.5,0.333333333 --tolerance=1e-7
// RUN: tenon-interp %s --entry=quick_gelu --input=input0=4xf32=-2,0,0.5,3 --expected=output0=4xf32=-0.0643413769,0,0.350388437,2.98192869 --tolerance=1e-7
// RUN: tenon-interp %s --entry=softplus --input=input0=4xf32=-8,0,0.5,30 --expected=output0=4xf32=0.000335406373,0.693147181,0.974076984,30 --tolerance=1e-7
// RUN: tenon-interp %s --entry=clamp --input=input0=4xf32=-2,0,0.5,3 --expected=output0=4xf32=-1,0,0.5,2 --tolerance=1e-7

func.func @softplus(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = nn.softplus %x : tensor<4xf32>
  return %y : tensor<4xf32>
}

func.func @silu(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = nn.silu %x : tensor<4xf32>
  return %y : tensor<4xf32>
}

func.func @relu(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = nn.relu %x : tensor<4xf32>
  return %y : tensor<4xf32>
}

func.func @relu2(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = nn.relu2 %x : tensor<4xf32>
  return %y : tensor<4xf32>
}

func.func @tanh(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = nn.tanh %x : tensor<4xf32>
  return %y : tensor<4xf32>
}

func.func @sigmoid(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = nn.sigmoid %x : tensor<4xf32>
  return %y : tensor<4xf32>
}

func.func @exp(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = nn.exp %x : tensor<4xf32>
  return %y : tensor<4xf32>
}

func.func @sin(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = nn.sin %x : tensor<4xf32>
  return %y : tensor<4xf32>
}

func.func @cos(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = nn.cos %x : tensor<4xf32>
  return %y : tensor<4xf32>
}

func.func @neg(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = nn.neg %x : tensor<4xf32>
  return %y : tensor<4xf32>
}

func.func @abs(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = nn.abs %x : tensor<4xf32>
  return %y : tensor<4xf32>
}

func.func @gelu(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = nn.gelu %x : tensor<4xf32>
  return %y : tensor<4xf32>
}

func.func @gelu_tanh(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = nn.gelu %x {approximate = #nn.approximate<tanh>} : tensor<4xf32>
  return %y : tensor<4xf32>
}

func.func @sqrt(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = nn.sqrt %x : tensor<4xf32>
  return %y : tensor<4xf32>
}

func.func @rsqrt(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = nn.rsqrt %x : tensor<4xf32>
  return %y : tensor<4xf32>
}

func.func @quick_gelu(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = nn.quick_gelu %x : tensor<4xf32>
  return %y : tensor<4xf32>
}

func.func @clamp(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = nn.clamp %x {low = -1.0 : f32, high = 2.0 : f32} : tensor<4xf32>
  return %y : tensor<4xf32>
}
