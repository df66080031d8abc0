// RUN: tenon-interp %s --entry=replaces --input=input0=2xf32=5,7 | FileCheck %s --check-prefix=REPLACES
// RUN: tenon-interp %s --entry=back --input=input0=2xf32=5,7 | FileCheck %s --check-prefix=BACK
// RUN: tenon-interp %s --entry=apart --input=input0=2xf32=5,7 | FileCheck %s --check-prefix=APART
// RUN: tenon-interp %s --entry=length --input=input0=3xi32=1,2,3 | FileCheck %s --check-prefix=LENGTH

cache.declare @s0 : !cache.recurrent<2xf32>

// A slot holds zeros until it is written.
// REPLACES: output0=2xf32=0,0
// REPLACES: output1=2xf32=5,7
func.func @replaces(%a: tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>) {
  %c = cache.get @s0 : !cache.recurrent<2xf32>
  %s = cache.read %c : !cache.recurrent<2xf32> -> tensor<2xf32>
  cache.write %c, %a : !cache.recurrent<2xf32>, tensor<2xf32>
  %t = cache.read %c : !cache.recurrent<2xf32> -> tensor<2xf32>
  return %s, %t : tensor<2xf32>, tensor<2xf32>
}

// After a rewind it is as if nothing had been written since the mark.
// BACK: output0=2xf32=5,7
func.func @back(%a: tensor<2xf32>) -> tensor<2xf32> {
  %c = cache.get @s0 : !cache.recurrent<2xf32>
  cache.write %c, %a : !cache.recurrent<2xf32>, tensor<2xf32>
  %m = cache.mark %c : !cache.recurrent<2xf32> -> !cache.mark
  %b = nn.add %a, %a : tensor<2xf32>, tensor<2xf32>
  cache.write %c, %b : !cache.recurrent<2xf32>, tensor<2xf32>
  cache.rewind %c, %m : !cache.recurrent<2xf32>, !cache.mark
  %t = cache.read %c : !cache.recurrent<2xf32> -> tensor<2xf32>
  return %t : tensor<2xf32>
}

// What is written to a fork is not in the slot that it came from.
// APART: output0=2xf32=5,7
// APART: output1=2xf32=10,14
func.func @apart(%a: tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>) {
  %c = cache.get @s0 : !cache.recurrent<2xf32>
  cache.write %c, %a : !cache.recurrent<2xf32>, tensor<2xf32>
  %d = cache.fork %c : !cache.recurrent<2xf32>
  %b = nn.add %a, %a : tensor<2xf32>, tensor<2xf32>
  cache.write %d, %b : !cache.recurrent<2xf32>, tensor<2xf32>
  %s = cache.read %c : !cache.recurrent<2xf32> -> tensor<2xf32>
  %t = cache.read %d : !cache.recurrent<2xf32> -> tensor<2xf32>
  return %s, %t : tensor<2xf32>, tensor<2xf32>
}

// The length counts the positions of the calls before: none, even after the first call's write.
// LENGTH: output0=i32=0
func.func @length(%tokens: tensor<?xi32>) -> index {
  %c = cache.get @s0 : !cache.recurrent<2xf32>
  %s = cache.read %c : !cache.recurrent<2xf32> -> tensor<2xf32>
  cache.write %c, %s : !cache.recurrent<2xf32>, tensor<2xf32>
  %n = cache.length %c : !cache.recurrent<2xf32> -> index
  return %n : index
}
