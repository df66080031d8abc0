"""make_seeds.py FOLDER: small good inputs that the fuzzers start from, one folder a target."""

import json
import pathlib
import re
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


def format_constants():
    """The numbers of runtime/text/format.h without their prefix: a change of the format changes the seeds too."""
    text = re.sub(r"/\*.*?\*/|//[^\n]*", "", (TOOLS.parents[1] / "runtime/text/format.h").read_text(), flags=re.S)
    known = {name: int(value, 0) for name, value in re.findall(r"#define TENON_TEXT_(\w+) (0x[0-9a-f]+|\d+)u?\b", text)}
    for body in re.findall(r"enum \{(.*?)\}", text, flags=re.S):
        value = 0
        for name, given in re.findall(r"TENON_TEXT_(\w+)(?:\s*=\s*(\d+))?", body):
            value = int(given) if given else value
            known[name] = value
            value += 1
    return known


def tokenizer_blob(number, kind, tokens, normalizers=(), splits=(), merges=(), added=(), **words):
    """A tokenizer.bin; a token is (bytes, attributes), a step (code, option, first, second)."""
    def steps(rows):
        parts = [struct.pack("<4I", number[code], option, len(first), len(second)) + first + second for code, option, first, second in rows]
        return b"".join(part + bytes(-len(part) % 4) for part in parts)

    def ids(*rows):
        return b"".join(struct.pack(f"<{len(row)}I", *row) for row in rows)

    ends = [sum(len(token) for token, _ in tokens[:i + 1]) for i in range(len(tokens))]
    scored = kind in ("SENTENCEPIECE", "UNIGRAM")
    sections = {"TOKEN_ENDS": ids(ends), "TOKEN_BYTES": b"".join(token for token, _ in tokens),
                "ATTRIBUTES": bytes(attributes for _, attributes in tokens),
                "SCORES": struct.pack(f"<{len(tokens)}d", *(-float(i) for i in range(len(tokens)))) if scored else b"",
                "MERGES": ids(*merges), "ADDED": ids(*added), "NORMALIZERS": steps(normalizers), "SPLITS": steps(splits),
                "PREFIX": ids([1]), "SUFFIX": ids([2]),
                "TEMPLATE": b"{{ bos_token }}{% for m in messages %}{{ m.content | trim }}{% endfor %}"}
    header = dict.fromkeys(("EOT", "PAD"), number["NO_TOKEN"])
    header |= {"MAGIC": number["MAGIC"], "VERSION": number["VERSION"], "KIND": number[f"KIND_{kind}"], "TOKENS": len(tokens),
               "MERGES": len(merges), "BOS": 1, "EOS": 2, "UNK": 0} | words
    size = 4 * (number["HEADER_SECTIONS"] + 2 * number["SECTION_COUNT"])
    table, body = [0] * (2 * number["SECTION_COUNT"]), b""
    for name, content in sections.items():
        at = 2 * number[f"SECTION_{name}"]
        table[at:at + 2] = [size + len(body), len(content)] if content else [0, 0]
        body += content + bytes(-len(content) % 4)
    front = [0] * number["HEADER_SECTIONS"]
    for name, value in (header | {"SIZE": size + len(body)}).items():
        front[number[f"HEADER_{name}"]] = value
    return struct.pack(f"<{len(front) + len(table)}I", *front, *table) + body


def tokenizer(folder):
    """A blob of each kind of model with a text behind it; templates and messages as they are committed."""
    for path in (TOOLS.parents[1] / "test/fuzz/tokenizer").iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    number = format_constants()
    normal, control, mark = number["TYPE_NORMAL"], number["TYPE_CONTROL"], "\u2581".encode()
    tokens = [(b"<unk>", number["TYPE_UNKNOWN"]), (b"<s>", control), (b"</s>", control | number["END"]),
              (b"a", normal), (b"b", normal), (b"ab", normal), (mark, normal), (mark + b"a", normal), (b" ", normal), (b" a", normal),
              (b"##b", normal | number["CONTINUES"]), (b"<w>", number["TYPE_USER_DEFINED"]), (b"\xc3\xa9", normal)]
    merges = [(3, 4, 5), (6, 3, 7), (8, 3, 9)]
    added = [(1, number["ADDED_SPECIAL"]), (2, number["ADDED_SPECIAL"] | number["ADDED_RSTRIP"]),
             (11, number["ADDED_LSTRIP"] | number["ADDED_SINGLE_WORD"] | number["ADDED_NORMALIZED"])]
    words = ("SPLIT_PATTERN", number["CUT_ISOLATED"], rb" ?\p{L}+|\s+|[^\s\p{L}]+", rb" ?[A-Za-z]+|\s+|[^\sA-Za-z]+")
    gaps = ("SPLIT_PATTERN", number["CUT_REMOVED"], rb"\s", b"")
    spaces = ("NORMALIZE_SPACES", 5, mark, b"")
    unknown, byte = number["FLAG_UNKNOWN"], number["FLAG_BYTES"]
    bert = [("NORMALIZE_CLEAN", 0, b"", b""), ("NORMALIZE_SPACE_CJK", 0, b"", b""), ("NORMALIZE_FORM", 0, b"", b""),
            ("NORMALIZE_STRIP_MARKS", 1, b"", b""), ("NORMALIZE_LOWERCASE", 0, b"", b"")]
    changes = [("NORMALIZE_REPLACE", 0, b" ", mark), ("NORMALIZE_PATTERN", 0, rb"b{2,}", b"b"), ("NORMALIZE_PREPEND", 0, mark, b""),
               ("NORMALIZE_STRIP", 3, b"", b""), ("NORMALIZE_NMT", 0, b"", b"")]
    metaspace = ("SPLIT_METASPACE", number["METASPACE_FIRST"] | number["METASPACE_SPLIT"], mark, b"")
    kinds = {
        "BYTE_BPE": {"splits": [words], "merges": merges, "FLAGS": number["FLAG_WHOLE_WORDS"] | number["FLAG_ADD_BOS"]},
        "SENTENCEPIECE": {"normalizers": [spaces], "FLAGS": byte | unknown, "FIRST": number["FIRST_STRIP"]},
        "BPE": {"normalizers": changes, "merges": merges, "FLAGS": unknown | number["FLAG_FUSE_UNKNOWN"]},
        "UNIGRAM": {"splits": [metaspace], "FLAGS": unknown | number["FLAG_FUSE_UNKNOWN"], "FIRST": number["FIRST_TOKEN"]},
        "WORDPIECE": {"normalizers": bert, "splits": [gaps], "FLAGS": unknown, "CONTINUES": 2, "WORD_CHARACTERS": 100,
                      "FIRST": number["FIRST_WORD"]},
        "WORDS": {"splits": [("SPLIT_SPACE", 0, b"", b""), gaps], "FLAGS": unknown},
        "LONGEST": {"FLAGS": unknown},
    }
    text = b"abc  aaaaaa<s>de\xc3\xa9 'a <w> 11</s> \xff\xe4\xb8 ab" + mark + b"A\xcc\x81\xe4\xb8\xad"
    for kind, parts in kinds.items():
        (folder / f"blob-{kind.lower()}").write_bytes(b"0" + tokenizer_blob(number, kind, tokens, added=added, **parts) + text)


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
    for make in (gguf, artifact, template, family, tokenizer, tokenizer_json):
        folder = pathlib.Path(sys.argv[1]) / make.__name__
        folder.mkdir(parents=True, exist_ok=True)
        make(folder)


if __name__ == "__main__":
    main()
