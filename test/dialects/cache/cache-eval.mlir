// RUN: tenon-interp %s --entry=grows --input=input0=2x1x1xf32=1,2.0003 --input=input1=2x1x1xf32=3,4 | FileCheck %s --check-prefix=GROWS
// RUN: tenon-interp %s --entry=back --input=input0=2x1x1xf32=1,2 | FileCheck %s --check-prefix=BACK
// RUN: tenon-interp %s --entry=apart --input=input0=1x1x1xf32=1 | FileCheck %s --check-prefix=APART
// RUN: tenon-interp %s --entry=latent --input=input0=2x1x3xf32=1,2,3,4,5,6 | FileCheck %s --check-prefix=LATENT

cache.declare @kv0 : !cache.kv<heads = 1, dim = 1, f16>
cache.declare @latent0 : !cache.kv<heads = 1, dim = 3, f16, latent = 2>

// Positions are appended at the end, rounded to the slot's type.
// GROWS: output0=i32=0
// GROWS: output1=4x1x1xf32=1,2,3,4
// GROWS: output2=4x1x1xf32=3,4,1,2
func.func @grows(%a: tensor<?x1x1xf32>, %b: tensor<?x1x1xf32>) -> (index, tensor<?x1x1xf32>, tensor<?x1x1xf32>) {
  %c = cache.get @kv0 : !cache.kv<heads = 1, dim = 1, f16>
  %n = cache.length %c : !cache.kv<heads = 1, dim = 1, f16> -> index
  cache.append %c, %a, %b : !cache.kv<heads = 1, dim = 1, f16>, tensor<?x1x1xf32>, tensor<?x1x1xf32>
  cache.append %c, %b, %a : !cache.kv<heads = 1, dim = 1, f16>, tensor<?x1x1xf32>, tensor<?x1x1xf32>
  %k, %v = cache.view %c : !cache.kv<heads = 1, dim = 1, f16> -> tensor<?x1x1xf32>, tensor<?x1x1xf32>
  return %n, %k, %v : index, tensor<?x1x1xf32>, tensor<?x1x1xf32>
}

// After a rewind it is as if nothing had been appended since the mark.
// BACK: output0=2x1x1xf32=1,2
func.func @back(%a: tensor<?x1x1xf32>) -> tensor<?x1x1xf32> {
  %c = cache.get @kv0 : !cache.kv<heads = 1, dim = 1, f16>
  cache.append %c, %a, %a : !cache.kv<heads = 1, dim = 1, f16>, tensor<?x1x1xf32>, tensor<?x1x1xf32>
  %m = cache.mark %c : !cache.kv<heads = 1, dim = 1, f16> -> !cache.mark
  cache.append %c, %a, %a : !cache.kv<heads = 1, dim = 1, f16>, tensor<?x1x1xf32>, tensor<?x1x1xf32>
  cache.rewind %c, %m : !cache.kv<heads = 1, dim = 1, f16>, !cache.mark
  %k, %v = cache.view %c : !cache.kv<heads = 1, dim = 1, f16> -> tensor<?x1x1xf32>, tensor<?x1x1xf32>
  return %k : tensor<?x1x1xf32>
}

// What is appended to a fork is not in the slot that it came from.
// APART: output0=i32=1
// APART: output1=i32=2
func.func @apart(%a: tensor<?x1x1xf32>) -> (index, index) {
  %c = cache.get @kv0 : !cache.kv<heads = 1, dim = 1, f16>
  cache.append %c, %a, %a : !cache.kv<heads = 1, dim = 1, f16>, tensor<?x1x1xf32>, tensor<?x1x1xf32>
  %d = cache.fork %c : !cache.kv<heads = 1, dim = 1, f16>
  cache.append %d, %a, %a : !cache.kv<heads = 1, dim = 1, f16>, tensor<?x1x1xf32>, tensor<?x1x1xf32>
  %n = cache.length %c : !cache.kv<heads = 1, dim = 1, f16> -> index
  %o = cache.length %d : !cache.kv<heads = 1, dim = 1, f16> -> index
  return %n, %o : index, index
}

// The values of a latent slot are the first elements of its keys.
// LATENT: output0=2x1x3xf32=1,2,3,4,5,6
// LATENT: output1=2x1x2xf32=1,2,4,5
func.func @latent(%a: tensor<?x1x3xf32>) -> (tensor<?x1x3xf32>, tensor<?x1x2xf32>) {
  %c = cache.get @latent0 : !cache.kv<heads = 1, dim = 3, f16, latent = 2>
  cache.append %c, %a : !cache.kv<heads = 1, dim = 3, f16, latent = 2>, tensor<?x1x3xf32>
  %k, %v = cache.view %c : !cache.kv<heads = 1, dim = 3, f16, latent = 2> -> tensor<?x1x3xf32>, tensor<?x1x2xf32>
  return %k, %v : tensor<?x1x3xf32>, tensor<?x1x2xf32>
}
