# compare_experts.sh OUT OPTIONS...: a block of experts (experts.py) compiled for each of $TARGETS gives what the evaluator gives for 0, 1, 7
# and 33 tokens, and with one thread the bits that it gives with three.
set -e
out=$1
shift
python3 "$(dirname "$0")/experts.py" "$out.mlir" "$@"
for target in ${TARGETS:-native}; do
  tenon-compile "$out.mlir" -o "$out.$target.tenon" --target=$target >/dev/null
  for tokens in 0 1 7 33; do
    input="--entry=block --input=input0=@$out.mlir.$tokens.npy"
    tenon-interp "$out.mlir" $input "--output=output0=@$out.expected.npy" >/dev/null
    tenon-run "$out.$target.tenon" $input --threads=1 "--expected=output0=@$out.expected.npy" --tolerance=5e-5 >/dev/null
    tenon-run "$out.$target.tenon" $input --threads=1 >"$out.one"
    tenon-run "$out.$target.tenon" $input --threads=3 >"$out.three"
    cmp "$out.one" "$out.three"
  done
done
