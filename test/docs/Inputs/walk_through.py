"""walk_through.py FOLDER: a model of one layer, spelt as docs/adding-a-family.md describes it."""

import json
import os
import struct
import sys

config = {"architectures": ["Starcoder2ForCausalLM"], "model_type": "starcoder2", "hidden_size": 64, "intermediate_size": 96,
          "num_hidden_layers": 1, "num_attention_heads": 4, "num_key_value_heads": 2, "vocab_size": 96, "max_position_embeddings": 256,
          "hidden_act": "gelu_pytorch_tanh", "norm_epsilon": 1e-5, "rope_theta": 10000.0, "sliding_window": 8, "use_bias": True,
          "tie_word_embeddings": True}
layer = "model.layers.0."
shapes = {"model.embed_tokens.weight": [96, 64], "model.norm.weight": [64], "model.norm.bias": [64]}
for name, rows, columns in (("self_attn.q_proj", 64, 64), ("self_attn.k_proj", 32, 64), ("self_attn.v_proj", 32, 64),
                            ("self_attn.o_proj", 64, 64), ("mlp.c_fc", 96, 64), ("mlp.c_proj", 64, 96)):
    shapes[f"{layer}{name}.weight"] = [rows, columns]
    shapes[f"{layer}{name}.bias"] = [rows]
for name in ("input_layernorm", "post_attention_layernorm"):
    shapes[f"{layer}{name}.weight"] = shapes[f"{layer}{name}.bias"] = [64]

header, size = {}, 0
for name, shape in shapes.items():
    end = size + 4 * shape[0] * (shape[1] if len(shape) > 1 else 1)
    header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [size, end]}
    size = end
text = json.dumps(header).encode()
text += b" " * (-len(text) % 8)
os.makedirs(sys.argv[1], exist_ok=True)
with open(os.path.join(sys.argv[1], "config.json"), "w", encoding="utf-8") as file:
    json.dump(config, file)
with open(os.path.join(sys.argv[1], "model.safetensors"), "wb") as file:
    file.write(struct.pack("<Q", len(text)) + text + bytes(size))
