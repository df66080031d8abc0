# same_model.sh TOOLS PLAIN SCHEME...: each scheme's quantised folder of a plain one gives the logits of the folder of exact values, by
# the evaluator; the first scheme's also when compiled.
set -eu
tools=$1 plain=$2 compiled=$3
shift 2
for scheme in "$@"; do
  python3 "$tools/quantise-folder" "$plain" --scheme="$scheme" -o "$scheme" --exact="$scheme.exact"
  for folder in "$scheme" "$scheme.exact"; do
    tenon-translate --import-hf "$folder" --activations=f32 -o "$folder.mlir"
    tenon-interp "$folder.mlir" --tokens=1,2,3,4,5,6,7 --logits="$folder.npy"
    if [ "$scheme" = "$compiled" ]; then
      tenon-compile "$folder" -o "$folder.tenon" --target=x86-64-v3 --activations=f32
      tenon-run "$folder.tenon" --tokens=1,2,3,4,5,6,7 --logits="$folder.run.npy"
    fi
  done
  echo "$scheme"
  python3 "$tools/same-logits" "$scheme.npy" "$scheme.exact.npy"
done
python3 "$tools/same-logits" "$compiled.run.npy" "$compiled.exact.run.npy"
