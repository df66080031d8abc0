"""Facts of compiled kernels that no clock decides.

  kernel_facts.py spills FILE.s WORD         of each kernel with the word in its name: vector registers stored to or loaded from the stack
  kernel_facts.py launches FILE.json LAYER   of what `tenon-inspect --json` prints: the kernels of a layer's step, and how many are unlike
"""

import json
import re
import sys


def spills(path, word):
    # A kernel's own memory is on the stack too: what is stored at a place that nothing else names is no spill.
    kernels, name = {}, None
    for line in open(path):
        label = re.match(r"([A-Za-z_]\w*):", line)
        if label:
            name = label.group(1)
        place = re.search(r"[ \t,](-?\d*\(%r[sb]p\))", line)
        if name and word in name:
            kernels.setdefault(name, [])
            if place:
                kernels[name].append((place.group(1), bool(re.search(r"\tv?mov\w*\t.*[xyz]mm", line))))
    for name, accesses in kernels.items():
        places = [place for place, _ in accesses]
        count = sum(isMove and places.count(place) > 1 for place, isMove in accesses)
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
