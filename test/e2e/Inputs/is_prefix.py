"""is_prefix.py SHORT.npy LONG.npy: the rows of the one are the first rows of the other, bit for bit."""

import sys


def data(path):
    with open(path, "rb") as file:
        content = file.read()
    size = int.from_bytes(content[8:10], "little")
    return content[10 + size:]


short, long = map(data, sys.argv[1:])
sys.exit(0 if short and long.startswith(short) else f"{sys.argv[1]} is no prefix of {sys.argv[2]}")
