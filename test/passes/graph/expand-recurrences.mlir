// RUN: tenon-opt %s --tenon-expand-recurrences --remarks-filter=tenon-expand-recurrences 2>&1 | FileCheck %s --check-prefixes=ALL,SEQUENTIAL
// RUN: tenon-opt %s --tenon-expand-recurrences="form=chunked chunk=16" --remarks-filter=tenon-expand-recurrences 2>&1 | FileCheck %s --check-prefixes=ALL,CHUNKED
// RUN: tenon-opt %s --tenon-expand-recurrences=form=prefix --remarks-filter=tenon-expand-recurrences 2>&1 | FileCheck %s --check-prefixes=ALL,PREFIX
// RUN: tenon-opt %s --tenon-expand-recurrences=form=step --remarks-filter=tenon-expand-recurrences 2>&1 | FileCheck %s --check-prefixes=ALL,STEP
// RUN: not tenon-opt %s --tenon-expand-recurrences=form=fft 2>&1 | FileCheck %s --check-prefix=FORM
// RUN: not tenon-opt %s --tenon-expand-recurrences=chunk=0 2>&1 | FileCheck %s --check-prefix=FORM
// FORM: expects a form step, sequential, chunked or prefix and a chunk of at least 1

// PREFIX: ssm.shift is left as it is: it is not associative
// STEP: ssm.lru is left as it is: it has other than one row

// The step of a row in a scan; a prefix in a scan of 16 rows; a prefix of all; nothing for a step, whose rows would be more than one.
// ALL-LABEL: @rows
func.func @rows(%x: tensor<?x64xf32>, %g: tensor<64xbf16>, %s: tensor<1x64xf32>) -> (tensor<?x64xf32>, tensor<1x64xf32>) {
  // SEQUENTIAL: %[[DECAY:.*]] = nn.convert %{{.*}} : tensor<64xbf16> to tensor<64xf32>
  // SEQUENTIAL-NEXT: ssm.scan sequences(%{{.*}} : tensor<?x64xf32>) fixed(%[[DECAY]] : tensor<64xf32>) states(%{{.*}} : tensor<1x64xf32>)
  // SEQUENTIAL-NOT: ssm.prefix
  // CHUNKED: ssm.scan chunk = 16
  // CHUNKED: ssm.prefix elements(%{{.*}}, %{{.*}} : tensor<?x64xf32>, tensor<?x64xf32>)
  // PREFIX-NOT: ssm.scan
  // PREFIX: ssm.prefix elements(%{{.*}}, %{{.*}} : tensor<?x64xf32>, tensor<?x64xf32>)
  // STEP: ssm.lru
  %y, %next = ssm.lru %x, %g state %s : tensor<?x64xf32>, tensor<64xbf16>, tensor<1x64xf32>
  return %y, %next : tensor<?x64xf32>, tensor<1x64xf32>
}

// One row needs no loop, whatever form is asked for.
// ALL-LABEL: @row
func.func @row(%x: tensor<1x64xf32>, %s: tensor<1x64xf32>) -> (tensor<1x64xf32>, tensor<1x64xf32>) {
  // ALL-NOT: ssm.
  // ALL: return %arg1, %arg0
  %y, %next = ssm.shift %x state %s : tensor<1x64xf32>, tensor<1x64xf32>
  return %y, %next : tensor<1x64xf32>, tensor<1x64xf32>
}

// A form that an op has not leaves it as it is.
// ALL-LABEL: @shift
func.func @shift(%x: tensor<?x64xf32>, %s: tensor<1x64xf32>) -> tensor<?x64xf32> {
  // SEQUENTIAL: ssm.scan
  // PREFIX: ssm.shift
  %y, %next = ssm.shift %x state %s : tensor<?x64xf32>, tensor<1x64xf32>
  return %y : tensor<?x64xf32>
}
