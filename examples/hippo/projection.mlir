// A signal's past as coefficients that follow it, one sample at a time or many: of a window of 256 samples (Legendre polynomials, LegT), and
// of everything since the first sample (LegS). The last row of @whole counts the samples. reconstruct turns coefficients back into the past.
cache.declare @window : !cache.recurrent<32x1xf32>
cache.declare @whole : !cache.recurrent<33x1xf32>

func.func @project(%x: tensor<?x1xf32> {tenon.name = "signal"})
    -> (tensor<?x32x1xf32> {tenon.name = "window"}, tensor<?x33x1xf32> {tenon.name = "whole"}) attributes {tenon.entry} {
  // A window of 256 samples is 2 units of time.
  %a, %b = ssm.hippo legt bilinear step = 7.8125e-03 -> tensor<32x32xf32>, tensor<32xf32>
  %0 = cache.get @window : !cache.recurrent<32x1xf32>
  %s = cache.read %0 : !cache.recurrent<32x1xf32> -> tensor<32x1xf32>
  %c, %n = ssm.project %x, %a, %b state %s : tensor<?x1xf32>, tensor<32x32xf32>, tensor<32xf32>, tensor<32x1xf32>
  cache.write %0, %n : !cache.recurrent<32x1xf32>, tensor<32x1xf32>
  %1 = cache.get @whole : !cache.recurrent<33x1xf32>
  %t = cache.read %1 : !cache.recurrent<33x1xf32> -> tensor<33x1xf32>
  %d, %m = ssm.project_whole %x state %t : tensor<?x1xf32>, tensor<33x1xf32>
  cache.write %1, %m : !cache.recurrent<33x1xf32>, tensor<33x1xf32>
  return %c, %d : tensor<?x32x1xf32>, tensor<?x33x1xf32>
}
