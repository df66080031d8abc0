#!/bin/sh
# Installs the runtime and builds the examples as a stranger would: with plain cc and pkg-config, then with CMake's find_package, and
# runs them on the toy artifact.   embed.sh BUILD_DIR EXAMPLES_DIR TOY.tenon
set -eu
build=$1 examples=$2 toy=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset CFLAGS LDFLAGS CC

cmake --install "$build" --component runtime --prefix "$work/root" >/dev/null
pc=$(find "$work/root" -name tenon.pc)
PKG_CONFIG_PATH=$(dirname "$pc")
export PKG_CONFIG_PATH
libdir=$(pkg-config --variable=libdir tenon)

expected="6 6 26 12 0 20 25 0 20 25 10 3 20 25 0 17"
check() { # check NAME OUTPUT
  got=$(echo $2)
  if [ "$got" != "$expected" ]; then
    echo "$1 printed '$got', but expects '$expected'" >&2
    exit 1
  fi
  echo "$1: ok"
}

cc -std=c11 -Wall -Wextra -Werror "$examples/embed.c" $(pkg-config --cflags --libs tenon) -o "$work/embed"
check "embed by pkg-config" "$(LD_LIBRARY_PATH=$libdir "$work/embed" "$toy" 3 1 4)"

cmake -G Ninja -S "$examples" -B "$work/build" -DCMAKE_PREFIX_PATH="$work/root" -DCMAKE_C_COMPILER=cc \
  -DCMAKE_C_FLAGS="-Wall -Wextra -Werror" >/dev/null
cmake --build "$work/build" >/dev/null
check "embed by find_package" "$("$work/build/embed" "$toy" 3 1 4)"
"$work/build/decode_loop" "$toy" 3 1 4 | grep -q '^fork  : 6 6 26 12 0 20 25 0$'
echo "decode_loop by find_package: ok"

# A failure is a sentence and a code, not a crash.
if LD_LIBRARY_PATH=$libdir "$work/embed" "$examples/embed.c" 1 2>"$work/message"; then
  echo "a C file was taken for an artifact" >&2
  exit 1
fi
grep -q "is not a usable artifact" "$work/message"
