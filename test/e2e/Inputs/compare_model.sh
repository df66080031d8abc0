#!/usr/bin/env bash
# compare_model.sh STEM GOLDEN TOLERANCE OPTION...: makes a tiny model with the options, compiles it, and holds compiled code
# for every ISA that this machine runs, and the evaluator, against torch's logits in GOLDEN.
set -euo pipefail
stem=$1 golden=$2 tolerance=$3
shift 3
dev=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../../tools/dev" && pwd)

python3 "$dev/make-tiny-gguf" "$stem.gguf" "$@"
tenon-translate --import-gguf --activations=f32 "$stem.gguf" -o "$stem.mlir"
python3 "$dev/check-golden" "$golden" --model="$stem.gguf" --max-abs="$tolerance" -- tenon-interp "$stem.mlir"

targets="native x86-64-v3"
! grep -qw avx512bw /proc/cpuinfo || targets+=" x86-64-v4"
for target in $targets; do
  tenon-compile "$stem.gguf" -o "$stem.tenon" --activations=f32 --target="$target"
  python3 "$dev/check-golden" "$golden" --max-abs="$tolerance" --greedy -- tenon-run "$stem.tenon"
done
