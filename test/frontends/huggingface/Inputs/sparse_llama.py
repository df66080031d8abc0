"""sparse_llama.py FOLDER LAYERS HIDDEN FEED_FORWARD VOCABULARY HEADS SHARDS: a bfloat16 llama whose weights are holes in files."""

import json
import math
import os
import struct
import sys


def layout(layers, hidden, feed_forward, vocabulary):
    shapes = {"model.embed_tokens.weight": [vocabulary, hidden], "lm_head.weight": [vocabulary, hidden], "model.norm.weight": [hidden]}
    for layer in range(layers):
        prefix = f"model.layers.{layer}."
        shapes.update({f"{prefix}self_attn.{part}_proj.weight": [hidden, hidden] for part in "qkvo"})
        shapes.update({f"{prefix}mlp.{part}_proj.weight": [feed_forward, hidden] for part in ("gate", "up")})
        shapes[f"{prefix}mlp.down_proj.weight"] = [hidden, feed_forward]
        shapes.update({f"{prefix}{part}_layernorm.weight": [hidden] for part in ("input", "post_attention")})
    return shapes


def main():
    folder, (layers, hidden, feed_forward, vocabulary, heads, shards) = sys.argv[1], map(int, sys.argv[2:])
    os.makedirs(folder, exist_ok=True)
    config = {
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": hidden, "intermediate_size": feed_forward,
        "num_hidden_layers": layers, "num_attention_heads": heads, "num_key_value_heads": heads, "vocab_size": vocabulary,
        "max_position_embeddings": 4096, "rms_norm_eps": 1e-5, "hidden_act": "silu", "rope_theta": 10000.0,
        "tie_word_embeddings": False, "torch_dtype": "bfloat16"}
    with open(os.path.join(folder, "config.json"), "w", encoding="utf-8") as file:
        json.dump(config, file)
    shapes, places = layout(layers, hidden, feed_forward, vocabulary), {}
    for shard in range(shards):
        name, header, end = f"model-{shard + 1:05}-of-{shards:05}.safetensors", {}, 0
        for tensor in list(shapes)[shard::shards]:
            size = 2 * math.prod(shapes[tensor])
            header[tensor] = {"dtype": "BF16", "shape": shapes[tensor], "data_offsets": [end, end + size]}
            end += size
            places[tensor] = name
        text = json.dumps(header).encode()
        with open(os.path.join(folder, name), "wb") as file:
            file.write(struct.pack("<Q", len(text)) + text)
            file.truncate(8 + len(text) + end)
    with open(os.path.join(folder, "model.safetensors.index.json"), "w", encoding="utf-8") as file:
        json.dump({"weight_map": places}, file)


if __name__ == "__main__":
    main()
