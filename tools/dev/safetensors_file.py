"""Writes safetensors files and Hugging Face folders of them. Nothing but Python's standard library is needed."""

import json
import math
import os
import struct

from gguf_file import store_bf16

STORES = {
    "f32": ("F32", lambda values: struct.pack(f"<{len(values)}f", *values)),
    "f16": ("F16", lambda values: struct.pack(f"<{len(values)}e", *values)),
    "bf16": ("BF16", store_bf16),
}


def safetensors(tensors, kind):
    """The bytes of a file that holds `tensors`, {name: (shape, values)}."""
    name_of_kind, store = STORES[kind]
    header, data = {"__metadata__": {"format": "pt"}}, bytearray()
    for name, (shape, values) in tensors.items():
        begin = len(data)
        data += store(values)
        header[name] = {"dtype": name_of_kind, "shape": shape, "data_offsets": [begin, len(data)]}
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + bytes(data)


def write_folder(folder, config, tensors, kind="f32", shards=1):
    """A folder as save_pretrained writes it: config.json and one file of weights, or `shards` files and their index."""
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "config.json"), "w", encoding="utf-8") as file:
        json.dump(config, file, indent=2)
    if shards == 1:
        with open(os.path.join(folder, "model.safetensors"), "wb") as file:
            file.write(safetensors(tensors, kind))
        return
    names, index = list(tensors), {"metadata": {"total_size": 0}, "weight_map": {}}
    for shard in range(shards):
        name = f"model-{shard + 1:05}-of-{shards:05}.safetensors"
        held = {tensor: tensors[tensor] for tensor in names[shard::shards]}
        index["weight_map"].update(dict.fromkeys(held, name))
        data = safetensors(held, kind)
        index["metadata"]["total_size"] += len(data)
        with open(os.path.join(folder, name), "wb") as file:
            file.write(data)
    with open(os.path.join(folder, "model.safetensors.index.json"), "w", encoding="utf-8") as file:
        json.dump(index, file, indent=2)


def write_shapes(path, layout):
    """A file of float32 tensors of these shapes, {name: shape}, whose data is a hole: enough for those that read headers."""
    header, end = {}, 0
    for name, shape in layout.items():
        begin, end = end, end + 4 * math.prod(shape)
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [begin, end]}
    text = json.dumps(header, separators=(",", ":")).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        file.truncate(8 + len(text) + end)


def read_shapes(path):
    """{name: shape} of a file."""
    with open(path, "rb") as file:
        (size,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(size))
    return {name: entry["shape"] for name, entry in header.items() if name != "__metadata__"}


def write_raw(path, tensors):
    """A file of tensors as they are stored, {name: (dtype, shape, bytes)}."""
    header, end = {"__metadata__": {"format": "pt"}}, 0
    for name, (dtype, shape, data) in tensors.items():
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [end, end + len(data)]}
        end += len(data)
    text = json.dumps(header, separators=(",", ":")).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for _, _, data in tensors.values():
            file.write(data)


def read_tensors(path):
    """{name: (shape, values)} of a file of float32 tensors."""
    with open(path, "rb") as file:
        data = file.read()
    (size,) = struct.unpack_from("<Q", data)
    tensors = {}
    for name, entry in json.loads(data[8:8 + size]).items():
        if name != "__metadata__":
            begin, end = entry["data_offsets"]
            tensors[name] = (entry["shape"], list(struct.unpack(f"<{(end - begin) // 4}f", data[8 + size + begin:8 + size + end])))
    return tensors
