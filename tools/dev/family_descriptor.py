"""Family descriptors as the scripts read them: merged with what they extend, with their expressions evaluated."""

import json
import os
import re

FOLDER = os.path.join(os.path.dirname(__file__), "..", "..", "frontends", "families")


def merge(base, over):
    """`over` on top of `base`: objects member by member, null takes a member away, anything else replaces."""
    whole = {"key", "value", "count", "tensor"}  # rules and tensors are not merged
    if not isinstance(base, dict) or not isinstance(over, dict) or whole & set(over) or whole & set(base):
        return over
    merged = dict(base)
    for key, value in over.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = merge(merged.get(key), value)
    return merged


def load_family(name_or_path):
    path = name_or_path if name_or_path.endswith(".json") else os.path.join(FOLDER, name_or_path + ".json")
    with open(path, encoding="utf-8") as file:
        family = json.load(file)
    if "extends" in family:
        base = load_family(family["extends"])
        for private in ("extends", "family", "example", "examples"):
            base.pop(private, None)
        family = merge(base, family)
    return family


def all_families():
    """The names of the built-in descriptors that describe models."""
    names = sorted(name[:-5] for name in os.listdir(FOLDER) if name.endswith(".json"))
    sources = {name: load_family(name).get("sources", {}).values() for name in names}
    return [name for name in names if any(source and source.get("architectures") for source in sources[name])]


def examples(family):
    """{name: config.json} of the tiny models that a descriptor gives; the plain one has the name ""."""
    found = {}
    for name, example in {"": family.get("example"), **family.get("examples", {})}.items():
        if example and "huggingface" in example:
            found[name] = example["huggingface"]
    return found


def example_of(family, name):
    """A whole example: its `huggingface` is a config.json, its `gguf` the keys that no rule names, or false if it has no such form."""
    return family.get("examples", {}).get(name, {}) if name else family.get("example", {})


def evaluate(expression, names):
    """The value of a descriptor's expression. Its operators are C's."""
    text = str(expression).replace("&&", " and ").replace("||", " or ")
    text = re.sub(r"!(?!=)", " not ", text).replace("/", "//")
    choice = re.fullmatch(r"(.*?)\?(.*):(.*)", text)
    if choice:
        text = f"({choice[2]}) if ({choice[1]}) else ({choice[3]})"
    return int(eval(text, {"__builtins__": {}}, dict(names)))  # the repository's own files
