"""depth_ratio.py LIMIT SHALLOW.gguf DEEP.gguf: compiles both for one ISA and compares what their code took, the best of five each."""

import os
import re
import subprocess
import sys

# These grow with the weights, or evaluate every layer for the golden data.
NOT_CODE = ("hash source", "evaluate", "pack weights", "golden", "in all")


def code_milliseconds(model):
    command = ["tenon-compile", model, "-o", model + ".tenon", "--target=x86-64-v3", "--timing"]
    report = subprocess.run(command, check=True, capture_output=True, text=True).stderr
    os.unlink(model + ".tenon")
    stages = re.findall(r"^\s*([\d.]+) ms  (.+)$", report, re.M)
    assert any("llvm" in stage for _, stage in stages), report
    return sum(float(time) for time, stage in stages if stage not in NOT_CODE)


limit, models = float(sys.argv[1]), sys.argv[2:]
# In turns, so that a machine that is busy for a while is so for both.
rounds = [[code_milliseconds(model) for model in models] for _ in range(5)]
shallow, deep = map(min, zip(*rounds))
print(f"{shallow:.0f} ms and {deep:.0f} ms: {deep / shallow:.2f}x")
sys.exit(0 if deep <= limit * shallow else f"the limit is {limit:g}x")
