"""Writes a tiny mamba with rates of decay that no model has: positive ones in a GGUF, logarithms that are no numbers in a folder.

  damaged_scans.py TOOLS grow FILE.gguf | damaged_scans.py TOOLS nan FOLDER
"""

import json
import math
import os
import runpy
import struct
import sys

tools, kind, output = sys.argv[1:]
sys.path.insert(0, tools)
import model_weights  # noqa: E402, found in the folder of tools

form = "gguf" if kind == "grow" else "huggingface"
sys.argv = ["synthesize", "mamba", f"--format={form}", "-o", output]
if kind == "grow":
    model_weights.FUNCTIONS["negative_exp"] = math.exp
try:
    runpy.run_path(os.path.join(tools, "synthesize"), run_name="__main__")
except SystemExit as stop:
    if stop.code:
        raise
if kind == "nan":
    path = os.path.join(output, "model.safetensors")
    with open(path, "r+b") as file:
        size = struct.unpack("<Q", file.read(8))[0]
        header = json.loads(file.read(size))
        for name, place in (("backbone.layers.1.mixer.A_log", 5), ("backbone.layers.0.mixer.dt_proj.bias", 7)):
            file.seek(8 + size + header[name]["data_offsets"][0] + 4 * place)
            file.write(struct.pack("<f", math.nan))
