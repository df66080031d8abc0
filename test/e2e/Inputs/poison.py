"""poison.py FOLDER TENSOR VALUE: sets the first element of a float32 tensor of the folder's model.safetensors."""

import json
import struct
import sys

folder, name, value = sys.argv[1:]
with open(folder + "/model.safetensors", "r+b") as file:
    (length,) = struct.unpack("<Q", file.read(8))
    tensor = json.loads(file.read(length))[name]
    if tensor["dtype"] != "F32":
        sys.exit(f"{name}: expects F32, but got {tensor['dtype']}")
    file.seek(8 + length + tensor["data_offsets"][0])
    file.write(struct.pack("<f", float(value)))
