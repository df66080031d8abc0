#!/bin/sh
# The runtime configures and builds alone as C11 with plain cc, without a C++ compiler, and without a warning.   alone.sh RUNTIME_DIR
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset CFLAGS LDFLAGS CC
cmake -G Ninja -S "$1" -B "$work" -DTENON_TEXT=OFF -DCMAKE_C_COMPILER=cc -DCMAKE_CXX_COMPILER=/nonexistent -DCMAKE_C_FLAGS=-Werror >"$work/log" 2>&1 ||
  { cat "$work/log"; exit 1; }
cmake --build "$work" --parallel 2 >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
test -e "$work/libtenon_runtime.a"
