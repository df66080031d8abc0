"""Facts of compiled kernels that no clock decides.

  kernel_facts.py spills FILE.s WORD         of each kernel with the word in its name: vector registers stored to or loaded from the stack
  kernel_facts.py launches FILE.json LAYER   of what `tenon-inspect --json` prints: the kernels of a layer's step, and how many are unlike
"""

import json
import re
import sys


def spills(path, word):
    counts, name = {}, None
    for line in open(path):
        label = re.match(r"([A-Za-z_]\w*):", line)
        if label:
            name = label.group(1)
        elif name and word in name:
            spilled = re.search(r"\tv?mov\w*\t.*[xyz]mm", line) and re.search(r"\(%r[sb]p\)", line)
            counts[name] = counts.get(name, 0) + bool(spilled)
    for name, count in counts.items():
        print(f"{name[:name.rindex('_')]}: {count} spills")


def launches(path, layer):
    manifest = json.load(open(path))["manifest"]
    step = next(entry for entry in manifest["entries"] if entry["name"] == manifest["generate"]["step"])
    kernels = [launch["kernel"] for launch in step["launches"]]
    of_layer = [launch for launch in step["launches"] if f"blk.{layer}." in launch["path"]]
    barriers = len({launch["barriers"] for launch in of_layer})
    print(f"layer {layer}: {len(of_layer)} kernels behind {barriers} barriers")
    print(f"model: {len(kernels)} launches of {len(set(kernels))} kernels")


{"spills": spills, "launches": launches}[sys.argv[1]](*sys.argv[2:])
