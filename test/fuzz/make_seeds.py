"""make_seeds.py FOLDER: small good inputs that the fuzzers start from, one folder a target."""

import json
import pathlib
import struct
import subprocess
import sys
import zipfile

TOOLS = pathlib.Path(__file__).resolve().parents[2] / "tools" / "dev"


def gguf(folder):
    for name, options in (("f32", ["--type=f32"]), ("q4_1", ["--type=q4_1", "--untied"]), ("q8_0", ["--type=q8_0", "--biases"])):
        subprocess.run([sys.executable, str(TOOLS / "make-tiny-gguf"), str(folder / name), "--layers=1", "--hidden=32", "--heads=2",
                        "--kv-heads=1", "--feed-forward=32", "--merges=3", *options], check=True)
    (folder / "empty").write_bytes(struct.pack("<4sIQQ", b"GGUF", 3, 0, 0))


def artifact(folder):
    members = {"code/x86-64-v3.so": b"\x7fELF" + bytes(200), "manifest.json": b"{}", "weights/packed.bin": bytes(range(256))}
    for name, alignment in (("plain", 1), ("aligned", 4096)):
        with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_STORED) as archive:
            for member, content in members.items():
                info = zipfile.ZipInfo(member)
                used = archive.fp.tell() + 30 + len(member)
                padding = -used % alignment
                if 0 < padding < 4:
                    padding += alignment
                if padding:
                    info.extra = struct.pack("<HH", 0x4E54, padding - 4) + bytes(padding - 4)
                archive.writestr(info, content)


def family(folder):
    described = TOOLS.parents[1] / "frontends/families"
    for path in described.glob("*.json"):
        (folder / path.stem).write_bytes(path.read_bytes())
        examples = json.loads(path.read_text()).get("example", {})
        for form, config in examples.items():
            if not config or "architectures" not in config:
                continue  # numbers for the other form
            seed = [path.stem, form, config["architectures"][0], config, {}]
            (folder / f"{path.stem}-model").write_text(json.dumps(seed))
    small = {"num_hidden_layers": 1, "hidden_size": 8, "intermediate_size": 4, "num_attention_heads": 2, "vocab_size": 3,
             "max_position_embeddings": 9, "rms_norm_eps": 1e-5, "tie_word_embeddings": True}
    layer = {"self_attn.q_proj": [8, 8], "self_attn.k_proj": [8, 8], "self_attn.v_proj": [8, 8], "self_attn.o_proj": [8, 8],
             "mlp.gate_proj": [4, 8], "mlp.up_proj": [4, 8], "mlp.down_proj": [8, 4], "input_layernorm": [8],
             "post_attention_layernorm": [8]}
    tensors = {"model.embed_tokens.weight": [3, 8], "model.norm.weight": [8],
               **{f"model.layers.0.{name}.weight": shape for name, shape in layer.items()}}
    (folder / "whole").write_text(json.dumps(["llama", "huggingface", "LlamaForCausalLM", small, tensors]))


def template(folder):
    inputs = TOOLS.parents[1] / "test/runtime/text/Inputs"
    for number, line in enumerate((inputs / "expressions.txt").read_text().splitlines()):
        (folder / f"expression-{number}").write_text(line.replace("␤", "\n"))
    for path in (inputs / "templates").glob("*.jinja"):
        (folder / path.stem).write_bytes(path.read_bytes())


def tokenizer_json(folder):
    """A small model of each kind, with the steps of the golden stacks."""
    tokens = ["<unk>", "a", "b", "c", "ab", "abc", "\u2581", "\u2581a", "##b", "\u0120", "<0x61>", "1"]
    vocabulary = {token: id for id, token in enumerate(tokens)}
    models = {
        "BPE": {"vocab": vocabulary, "merges": ["a b", "ab c", "\u2581 a"], "unk_token": "<unk>", "byte_fallback": True, "fuse_unk": True},
        "Unigram": {"vocab": [[token, -float(id)] for token, id in vocabulary.items()], "unk_id": 0, "byte_fallback": False},
        "WordPiece": {"vocab": vocabulary, "unk_token": "<unk>", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100},
        "WordLevel": {"vocab": vocabulary, "unk_token": "<unk>"},
    }
    golden = TOOLS.parents[1] / "test" / "frontends" / "tokenizer" / "golden"
    for path in sorted(golden.glob("*.json")):
        stack = json.loads(path.read_text())
        if "model" not in stack or path.stat().st_size > 1 << 20:
            continue
        steps = {part: stack[part] for part in ("normalizer", "pre_tokenizer", "decoder")}
        for kind, model in models.items():
            text = json.dumps({"model": {"type": kind} | model, "added_tokens": [{"id": 12, "content": "<s>", "special": True}]} | steps)
            if len(text) <= 4000:
                (folder / f"{path.stem}-{kind}").write_text(text)


def main():
    for make in (gguf, artifact, template, family):
        folder = pathlib.Path(sys.argv[1]) / make.__name__
        folder.mkdir(parents=True, exist_ok=True)
        make(folder)


if __name__ == "__main__":
    main()
