"""Gives a folder of a model the tokenizer of a golden stack, and holds an artifact's tokens against the golden's.

  text_folder.py config OUT [FAMILY]   the family's example, llama's if none is named, with a token for each of the tokenizer's;
                                       beside it OUT.layout, the shapes of its tensors
  text_folder.py add FOLDER [SETTING=JSON...]   tokenizer.json, tokenizer_config.json with the settings, chat_template.jinja
  text_folder.py check ARTIFACT        runs tenon-run; BOS belongs in front of each text
"""

import json
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[3]
GOLDEN = ROOT / "test/frontends/tokenizer/golden"
STACK = json.loads((GOLDEN / "gpt2.json").read_text())
BOS = 0
TEMPLATE = ("{{ bos_token }}{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n"
            "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}")


def config(out, family="llama"):
    example = json.loads((ROOT / f"frontends/families/{family}.json").read_text())["example"]["huggingface"]
    last = max(token["id"] for token in STACK["added_tokens"])
    pathlib.Path(out).write_text(json.dumps(example | {"vocab_size": last + 1}))
    layout = json.loads((ROOT / f"test/families/golden/{family}.json").read_text())["layout"]
    resized = {name: [last + 1, *shape[1:]] if shape[0] == example["vocab_size"] and ("embed" in name or "lm_head" in name) else shape
               for name, shape in layout.items()}
    pathlib.Path(out + ".layout").write_text(json.dumps(resized))


def add(folder, *settings):
    whole = {"model": json.loads((GOLDEN / "models.json").read_text())[STACK["model"]]}
    whole |= {part: STACK[part] for part in ("added_tokens", "normalizer", "pre_tokenizer", "post_processor", "decoder")}
    given = {name: json.loads(value) for name, value in (setting.split("=", 1) for setting in settings)}
    folder = pathlib.Path(folder)
    (folder / "tokenizer.json").write_text(json.dumps(whole))
    (folder / "tokenizer_config.json").write_text(json.dumps({"bos_token": "<s>", "eos_token": {"content": "</s>"}} | given))
    (folder / "chat_template.jinja").write_text(TEMPLATE)


def check(artifact):
    cases = [case for case in STACK["cases"] if case["text"]][::8]
    with tempfile.NamedTemporaryFile() as file:
        for case in cases:
            pathlib.Path(file.name).write_bytes(bytes.fromhex(case["text"]))
            run = subprocess.run(["tenon-run", artifact, f"--tokenize-file={file.name}"], capture_output=True, check=True)
            expected = ",".join(map(str, [BOS, *case["ids"]]))
            if run.stdout.decode().strip() != expected:
                sys.exit(f"{case['text']}: expects {expected}, but got {run.stdout.decode()}")
    print(f"{len(cases)} texts")


if __name__ == "__main__":
    {"config": config, "add": add, "check": check}[sys.argv[1]](*sys.argv[2:])
