"""Keys of a GGUF file for 96 tokens that are matched the longest first, over bytes that are spelled with Python's escapes: as JSON."""

import json

TOKENS = [repr(bytes([byte]))[2:-1] for byte in range(32, 96)] + [r"\n", r"\n\n", r"\xe4", r"\xb8", r"\xad", r"\xe4\xb8",
                                                                          "THE", "THE STATE"]
TOKENS = ["<s>"] + TOKENS + [f"[PAD{id}]" for id in range(1 + len(TOKENS), 96)]
TYPES = [3] + [5 if token.startswith("[PAD") else 1 for token in TOKENS[1:]]
print(json.dumps({"tokenizer.ggml.model": "rwkv", "tokenizer.ggml.tokens": TOKENS, "tokenizer.ggml.token_type": TYPES,
                  "tokenizer.ggml.bos_token_id": 0, "tokenizer.ggml.eos_token_id": 0,
                  "tokenizer.ggml.eot_token_id": TOKENS.index(r"\n\n")}))
