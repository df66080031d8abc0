"""changed_example.py TOOLS FAMILY CHANGES FOLDER: the config.json of a descriptor's example with other values, as JSON."""

import json
import os
import sys

sys.path.insert(0, sys.argv[1])
from family_descriptor import examples, load_family  # noqa: E402

os.makedirs(sys.argv[4], exist_ok=True)
with open(os.path.join(sys.argv[4], "config.json"), "w", encoding="utf-8") as file:
    json.dump({**examples(load_family(sys.argv[2]))[""], **json.loads(sys.argv[3])}, file)
