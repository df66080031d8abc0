"""Goldens of the families' tiny models: what is compared, how it is stored, how a run is held against it."""

import array
import base64
import json
import math
import os

from golden_logits import log_sum_exp

LENGTHS = (1, 7, 33, 100)
RECURRENT_LENGTHS = (*LENGTHS, 259)  # what forgets has to be held against what is far away
COLUMNS = 16


def golden_path(family, example):
    name = f"{family}-{example}.json" if example else f"{family}.json"
    return os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "test", "families", "golden", name)


def lengths_of(golden):
    """The lengths of text at which a golden is compared."""
    return [length for length in RECURRENT_LENGTHS if length <= len(golden["tokens"])]


def prompt_tokens(count, vocabulary):
    """A text of ids that repeats nothing in a period, the same for every vocabulary of this size."""
    state, tokens = 12345, []
    for _ in range(count):
        state = (1103515245 * state + 12345) % 2 ** 31
        tokens.append(3 + (state >> 12) % (vocabulary - 3))
    return tokens


def drawn_columns(position, vocabulary):
    """The ids whose logits are stored for a position: others at each, all of them after a few."""
    return [(7919 * (position + 1) + 104729 * index) % vocabulary for index in range(COLUMNS)]


def floats_to_text(values):
    return base64.b64encode(array.array("f", values).tobytes()).decode()


def text_to_floats(text):
    return array.array("f", base64.b64decode(text))


def write_golden(path, golden):
    """Floats are stored as base64 of their 32 bits."""
    stored = dict(golden)
    for key, value in golden.items():
        if key == "logits":
            stored[key] = floats_to_text([number for row in value for number in row])
        elif key == "log_sum_exp" or key.startswith(("mean_", "cls_")):
            stored[key] = floats_to_text(value)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write("{\n" + ",\n".join(f'  "{key}": {json.dumps(value)}' for key, value in stored.items()) + "\n}\n")


def read_golden(path):
    with open(path, encoding="utf-8") as file:
        golden = json.load(file)
    if "logits" in golden:
        flat = text_to_floats(golden["logits"])
        golden["logits"] = [flat[at:at + COLUMNS] for at in range(0, len(flat), COLUMNS)]
    for key in golden:
        if key == "log_sum_exp" or key.startswith(("mean_", "cls_")):
            golden[key] = text_to_floats(golden[key])
    return golden


def largest_error(golden, rows):
    """The largest difference between the golden's logits and the first rows of a run, and where; a NaN is infinite."""
    worst, place = 0.0, None
    for position, row in enumerate(rows):
        pairs = [(row[column], value) for column, value in zip(drawn_columns(position, len(row)), golden["logits"][position])]
        pairs.append((log_sum_exp(row), golden["log_sum_exp"][position]))
        for actual, exact in pairs:
            error = abs(actual - exact)
            if exact < -1e30 and actual < -1e30:
                continue  # never predicted, here and there
            if not error <= worst:
                worst, place = (math.inf if math.isnan(error) else error), position
    return worst, place


def decided_misses(golden, rows, margin=1e-2):
    """The positions at which the golden is sure of its best token and the run chooses another."""
    best = [max(range(len(row)), key=lambda token: (row[token], -token)) for row in rows]
    return [position for position, token in enumerate(best) if golden["margin"][position] > margin and token != golden["best"][position]]
