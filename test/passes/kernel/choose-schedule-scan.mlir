// RUN: tenon-opt %s --tenon-choose-schedule=target=x86-64-v4 --remarks-filter=tenon-choose-schedule 2>&1 | FileCheck %s
// RUN: tenon-opt %s "--tenon-choose-schedule=target=x86-64-v4 form=chunked" --remarks-filter=tenon-choose-schedule 2>&1 | FileCheck %s --check-prefix=CHUNKED
// RUN: not tenon-opt %s --tenon-choose-schedule=form=sideways 2>&1 | FileCheck %s --check-prefix=UNKNOWN

// UNKNOWN: unknown form of scans sideways

// Many heads share the product of queries and keys, and the matrix is large: products of whole chunks are cheaper than its rows one by one.
// CHECK: large on x86-64-v4: #tile.schedule<width = 16, form = chunked, chunk = 64> costs {{.*}}; #tile.schedule<width = 16, form = sequential,
tile.kernel @large family(scan) (%x: tensor<?x24x64xf32>, %dt: tensor<?x24xf32>, %a: tensor<24xf32>, %b: tensor<?x1x128xf32>,
    %c: tensor<?x1x128xf32>, %slot: !cache.recurrent<24x128x64xf32>) -> tensor<?x24x64xf32> {
  %s = cache.read %slot : !cache.recurrent<24x128x64xf32> -> tensor<24x128x64xf32>
  %y, %next = ssm.ssd %x, %dt, %a, %b, %c state %s : tensor<?x24x64xf32>, tensor<?x24xf32>, tensor<24xf32>, tensor<?x1x128xf32>,
      tensor<?x1x128xf32>, tensor<24x128x64xf32>
  cache.write %slot, %next : !cache.recurrent<24x128x64xf32>, tensor<24x128x64xf32>
  tile.yield %y : tensor<?x24x64xf32>
}

// Each head has its own queries and keys, and a chunk is as long as the matrix is high.
// CHECK: small on x86-64-v4: #tile.schedule<width = 16, form = sequential, chunk = 64> costs {{.*}}; #tile.schedule<width = 16, form = chunked,
tile.kernel @small family(scan) (%q: tensor<?x4x64xf32>, %k: tensor<?x4x64xf32>, %v: tensor<?x4x64xf32>, %g: tensor<?x4xf32>,
    %slot: !cache.recurrent<4x64x64xf32>) -> tensor<?x4x64xf32> {
  %s = cache.read %slot : !cache.recurrent<4x64x64xf32> -> tensor<4x64x64xf32>
  %y, %next = ssm.linear_attention %q, %k, %v decay %g state %s : tensor<?x4x64xf32>, tensor<?x4x64xf32>, tensor<?x4x64xf32>,
      tensor<?x4xf32>, tensor<4x64x64xf32>
  cache.write %slot, %next : !cache.recurrent<4x64x64xf32>, tensor<4x64x64xf32>
  tile.yield %y : tensor<?x4x64xf32>
}

// Where every key has its own decay there are no products of chunks.
// CHUNKED: [Missed] ChooseSchedule{{.*}}by_key has no chunked form
// CHUNKED: tile.kernel @small{{.*}} form = chunked
// CHUNKED: tile.kernel @by_key{{.*}} form = sequential
tile.kernel @by_key family(scan) (%q: tensor<?x4x64xf32>, %k: tensor<?x4x64xf32>, %v: tensor<?x4x64xf32>, %g: tensor<?x4x64xf32>,
    %slot: !cache.recurrent<4x64x64xf32>) -> tensor<?x4x64xf32> {
  %s = cache.read %slot : !cache.recurrent<4x64x64xf32> -> tensor<4x64x64xf32>
  %y, %next = ssm.linear_attention %q, %k, %v decay %g state %s : tensor<?x4x64xf32>, tensor<?x4x64xf32>, tensor<?x4x64xf32>,
      tensor<?x4x64xf32>, tensor<4x64x64xf32>
  cache.write %slot, %next : !cache.recurrent<4x64x64xf32>, tensor<4x64x64xf32>
  tile.yield %y : tensor<?x4x64xf32>
}
