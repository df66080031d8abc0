// RUN: tenon-opt %s --tenon-finish-llvm | FileCheck %s

// A kernel's buffers do not overlap.
// CHECK-LABEL: llvm.func internal @kernel(%{{.*}}: i64, %{{.*}}: !llvm.ptr {llvm.noalias}, %{{.*}}: !llvm.ptr {llvm.noalias})
// CHECK-NOT:   tenon.kernel
llvm.func @kernel(%thread: i64, %x: !llvm.ptr, %y: !llvm.ptr) attributes {sym_visibility = "private", tenon.kernel} {
  llvm.return
}

// Of other functions nothing is known.
// CHECK-LABEL: llvm.func internal @block(%{{.*}}: !llvm.ptr) {
llvm.func @block(%x: !llvm.ptr) attributes {sym_visibility = "private"} {
  llvm.return
}

// CHECK-LABEL: llvm.func @next(%{{.*}}: !llvm.ptr) attributes {tenon.entry}
llvm.func @next(%call: !llvm.ptr) attributes {tenon.entry} {
  llvm.return
}
