#!/usr/bin/env bash
# verify_blocks.sh STEM [--bits] [--counts=N,...]: reads lines of options of make_block.py, each a model, and holds compiled code against the
# evaluator for calls of each size; with --bits also one sequence against itself, in calls of many sizes and by several threads.
set -euo pipefail
stem=$1 bits= counts=33
shift
for option; do
  case $option in
  --bits) bits=1 ;;
  --counts=*) counts=${option#--counts=} ;;
  esac
done
inputs=$(dirname "${BASH_SOURCE[0]}") failed=0
while read -r line; do
  [ -n "$line" ] || continue
  read -ra choices <<< "$line"
  python3 "$inputs/make_block.py" "$stem" "${choices[@]}"
  for count in ${counts//,/ }; do
    tenon-verify "$stem.mlir" --count="$count" > "$stem.log" 2>&1 || { echo "FAILED ($count rows): $line"; cat "$stem.log"; failed=1; }
  done
  [ -n "$bits" ] || continue
  tenon-compile "$stem.mlir" -o "$stem.tenon" --target=native 2> /dev/null
  sequence_bits "$stem.tenon" > "$stem.log" 2>&1 || { echo "OTHER BITS: $line"; grep -v "same bits" "$stem.log"; failed=1; }
done
exit $failed
