"""close.py A.npy B.npy BOUND: whether no logits of two runs differ by more than the bound."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), *[".."] * 3, "tools", "dev"))
from golden_logits import read_npy

a, b = read_npy(sys.argv[1]), read_npy(sys.argv[2])
error = max(abs(x - y) for p, q in zip(a, b) for x, y in zip(p, q))
print(f"largest difference {error:.2g} in {len(a)} rows")
sys.exit(len(a) != len(b) or not error <= float(sys.argv[3]))
