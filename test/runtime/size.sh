#!/bin/sh
# The runtime without its tokenizer stays small.   size.sh LIBRARY LIMIT_IN_BYTES
set -eu
stripped=$(mktemp)
trap 'rm -f "$stripped"' EXIT
strip -o "$stripped" "$1"
bytes=$(wc -c <"$stripped")
echo "$(basename "$1"): $bytes bytes stripped, at most $2"
[ "$bytes" -le "$2" ]
