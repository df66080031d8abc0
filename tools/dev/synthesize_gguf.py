"""The GGUF form of a resolved Hugging Face model: the same weights under the names that the family's descriptor has for GGUF."""

import math
import re
import sys

from family_descriptor import evaluate
from gguf_file import TYPES, Writer, block_elements
from model_weights import all_parameters, parameter_values, transpose


# Routers, decays, taps and what is of low rank stay exact.
EXACT = re.compile(r"ffn_gate_inp|conv1d|shortconv\.conv|time_mix_(lerp|first|decay|[wvag][012]\.)")
EXTRA_KINDS = {bool: "bool", float: "f32", int: "u32", str: "string"}


def extra_kind(value):
    if isinstance(value, list):
        return "strings" if isinstance(value[0], str) else "i32s"
    return EXTRA_KINDS[type(value)]


def first_key(rules):
    """The first key among a number's rules, or None. One value stands for the elements of an array."""
    for rule in rules if isinstance(rules, list) else [rules]:
        if isinstance(rule, dict) and "key" in rule:
            key = rule["key"][0] if isinstance(rule["key"], list) else rule["key"]
            return key.split("[")[0]
    return None


def option_keys(block, chosen):
    """(key, value) for each option that a key of the file decides: the value that means the part that the model has."""
    for option, rules in block.items():
        for rule in rules if isinstance(rules, list) else [rules]:
            if not isinstance(rule, dict) or "map" not in rule or option not in chosen:
                continue
            value = next((text for text, part in rule["map"].items() if part == chosen[option]), None)
            if value is not None:
                yield rule["key"][0] if isinstance(rule["key"], list) else rule["key"], value
            break


def write_keys(writer, source, plan, arch, extras):
    writer.key("general.architecture", "string", arch)
    writer.key("general.name", "string", "Tiny " + plan["family"])
    written = set()

    def write(key, kind, value):
        key = key.replace("{arch}", arch)
        if key not in written:
            written.add(key)
            writer.key(key, kind, value)

    # What a descriptor reads under names of its own, or where layers differ.
    for key, value in extras.items():
        write(key, extra_kind(value), value)
    for key, value in option_keys(source.get("block", {}), plan["block"]):
        if value in ("true", "false"):
            write(key, "bool", value == "true")
        elif value.lstrip("-").isdigit():
            write(key, "u32", int(value))
        else:
            write(key, "string", value)
    for name, rules in source.get("sizes", {}).items():
        key = first_key(rules)
        if key and name in plan["sizes"]:
            write(key, "u32", plan["sizes"][name])
    if plan["block"].get("rope_scaling") in ("linear", "yarn"):
        write("{arch}.rope.scaling.factor", "f32", plan["reals"]["rope_scale"])
    for name, rules in source.get("reals", {}).items():
        key = first_key(rules)
        if key and name in plan["reals"]:
            write(key, "f32", plan["reals"][name])
    for part in source.get("layers", []):
        for kind, form in (("sizes", "u32"), ("reals", "f32")):
            for name, rules in part.get(kind, {}).items():
                key = first_key(rules)
                values = [layer[kind][name] for layer in plan["layers"] if name in layer[kind]]
                if key and values:
                    write(key, form, max(values))


def interleave(values, shape, head_dim, rotated):
    """Rows of heads in which the pairs (i, i + P) stand side by side: half pairing as interleaved pairing has it."""
    width = len(values) // shape[0]
    half = rotated // 2
    order = [row for pair in zip(range(half), range(half, rotated)) for row in pair] + list(range(rotated, head_dim))
    result = []
    for head in range(shape[0] // head_dim):
        for row in order:
            at = (head * head_dim + row) * width
            result += values[at:at + width]
    return result


def llama3_factors(reals, sizes):
    """The divisors of the rotary frequencies that llama3's scaling means."""
    factors = []
    original, low, high = sizes["rope_original_context"], reals["rope_low_factor"], reals["rope_high_factor"]
    for pair in range(sizes["rope_dims"] // 2):
        wave = 2 * math.pi * reals["rope_base"] ** (2 * pair / sizes["rope_dims"])
        smooth = min(1, max(0, (original / wave - low) / (high - low)))
        factors.append(1 / ((1 - smooth) / reals["rope_scale"] + smooth))
    return factors


def alternatives(spelling):
    """A tensor's first spelling as {"tensor", "rows", ...}."""
    first = spelling[0] if isinstance(spelling, list) else spelling
    return {"tensor": first} if isinstance(first, str) else first


def whole_of(parts):
    """The shape and values of the tensor that parameters are rows of: [(rows, parameter's shape, values)], rows being [first, number,
    distance] of them, which go round if a distance is given."""
    parts = sorted(parts, key=lambda part: part[0][0])
    if len(parts) > 1 and parts[0][0][0] == parts[1][0][0]:
        parts = parts[:1]  # the same tensor under two roles
    shape = list(parts[0][1])
    if len(shape) == 1 and parts[0][0][1] == 1:
        return [len(parts)] + shape, [value for part in parts for value in part[2]]
    shape[0] = sum(part[1][0] for part in parts)
    if not any(rows[2] for rows, _, _ in parts):
        return shape, [value for part in parts for value in part[2]]
    width, rounds = shape[-1], parts[0][1][0] // parts[0][0][1]
    return shape, [value for turn in range(rounds) for rows, _, values in parts
                   for value in values[turn * rows[1] * width:(turn + 1) * rows[1] * width]]


def gguf_model(family, example, plan, tensors, types):
    """`example` is the descriptor's example that the plan is of; its `gguf` has keys that no rule names, its `gguf_shapes` the shapes of
    tensors, by their names without the layer, that are not those of the parameters, its `gguf_unread` the shapes of tensors that files have
    and nothing reads."""
    source = family["sources"].get("gguf")
    if source is None:
        sys.exit(f"error: {family['family']}: has no GGUF form")
    arch = source["architectures"][0]
    writer = Writer()
    write_keys(writer, source, plan, arch, example.get("gguf", {}))
    interleaved = source.get("block", {}).get("rope", plan["block"].get("rope")) == "interleaved" and plan["block"].get("rope") == "half"
    fused = {}  # tensors that several parameters are rows of: name -> (layer, parts as whole_of takes them)
    for layer, role, parameter in all_parameters(plan):
        spellings = source["tensors"] if layer is None else source["layer_tensors"]
        if role not in spellings:
            continue
        sizes = dict(plan["sizes"], **(plan["layers"][layer].get("sizes", {}) if layer is not None else {}))
        spelling = alternatives(spellings[role])
        values, shape = parameter_values(parameter, tensors), parameter["shape"]
        if spelling.get("plus"):
            values = [value - spelling["plus"] for value in values]
        if spelling.get("transposed"):
            values, shape = transpose(values, *shape), shape[::-1]
        if interleaved and role.split(".")[0] in ("query", "key"):
            values = interleave(values, shape, sizes["head_dim"], sizes["rope_dims"])
        name = spelling["tensor"].replace("{arch}", arch).replace("{layer}", str(layer))
        rows = ([evaluate(number, sizes) for number in spelling.get("rows", [])] + [0, 0, 0])[:3]
        fused.setdefault(name, (layer, []))[1].append((rows, shape, values))
    for name, (layer, parts) in fused.items():
        shape, values = whole_of(parts)
        shape = example.get("gguf_shapes", {}).get(name.replace(f"blk.{layer}.", ""), shape)
        kind = types[(layer or 0) % len(types)] if len(shape) > 1 and not name.startswith(("position", "token_types")) else "f32"
        if EXACT.search(name) or not name.endswith(("weight", "bias")):
            kind = "f32"
        if shape[-1] % block_elements(kind):
            kind = "f32"  # rows of ranks that have no room for a block
        writer.tensor(name, shape, kind, values)
    if plan["block"].get("rope_scaling") == "llama3" and "rope_factors" in source["tensors"]:
        factors = llama3_factors(plan["reals"], plan["sizes"])
        writer.tensor(alternatives(source["tensors"]["rope_factors"])["tensor"], [len(factors)], "f32", factors)
    for role in ("rope_factors_long", "rope_factors_short"):
        if plan.get(role) and role in source["tensors"]:
            writer.tensor(alternatives(source["tensors"][role])["tensor"], [len(plan[role])], "f32", plan[role])
    for name, shape in example.get("gguf_unread", {}).items():
        writer.tensor(name, shape, "f32", [0.0] * math.prod(shape))
    assert all(kind in TYPES for kind in types)
    return writer.bytes()
