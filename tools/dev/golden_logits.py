"""Goldens of logits: what the exact run says of some tokens, small enough to commit, and how a run is held against it.

A golden is JSON: the model's digest, and per prompt its tokens and per position some token ids (the best ones, then a few
drawn by a fixed rule), their logits, and the logarithm of the sum of all exponentials. Nothing but Python's standard
library is needed to check one; tools/dev/make-golden makes them with torch.
"""

import array
import ast
import json
import math


def read_npy(path):
    """Rows of a little-endian float32 array [T, vocab], as arrays of floats."""
    with open(path, "rb") as file:
        if file.read(6) != b"\x93NUMPY":
            raise SystemExit(f"{path}: expects a .npy file")
        major = file.read(2)[0]
        size = int.from_bytes(file.read(2 if major == 1 else 4), "little")
        header = ast.literal_eval(file.read(size).decode("latin1"))
        if header["descr"] != "<f4" or header["fortran_order"] or len(header["shape"]) != 2:
            raise SystemExit(f"{path}: expects float32 [T, vocab], but got {header}")
        rows, columns = header["shape"]
        held = []
        for _ in range(rows):
            row = array.array("f")
            row.frombytes(file.read(4 * columns))
            held.append(row)
        return held


def log_sum_exp(row):
    largest = max(row)
    return largest + math.log(math.fsum(map(math.exp, (value - largest for value in row))))


def golden_position(row, top, samples, position, digits):
    """`row` is any sequence of floats; ties in the order go to the lowest id."""
    best = sorted(range(len(row)), key=lambda token: (-row[token], token))[:min(top, len(row))]
    drawn = [(7919 * (position + 1) + 104729 * index) % len(row) for index in range(samples)]
    ids = best + sorted(set(drawn) - set(best))
    return {"ids": ids, "logits": [round(float(row[token]), digits) for token in ids],
            "log_sum_exp": round(log_sum_exp(row), digits)}


class GoldenMetrics:
    """Sums over positions of how far a run is from the golden."""

    def __init__(self, margin=1e-2):
        self.margin = margin
        self.positions = self.agreed = self.missed = 0
        self.largest = self.divergence = 0.0

    def add(self, golden, row):
        ids, logits, total = golden["ids"], golden["logits"], golden["log_sum_exp"]
        actual_total = log_sum_exp(row)
        differences = [abs(row[token] - logit) for token, logit in zip(ids, logits)] + [abs(actual_total - total)]
        # max() forgets a NaN; a run that makes one is infinitely wrong.
        self.largest = max(self.largest, math.inf if any(map(math.isnan, differences)) else max(differences))
        best = max(range(len(row)), key=lambda token: (row[token], -token))
        self.positions += 1
        self.agreed += best == ids[0]
        self.missed += best != ids[0] and logits[0] - logits[1] > self.margin
        self.divergence += self.coarse_divergence(ids, logits, total, row, actual_total)

    @staticmethod
    def coarse_divergence(ids, logits, total, row, actual_total):
        """KL(exact || run) over the listed tokens and the rest as one: a lower bound of the whole divergence."""
        p = [math.exp(logit - total) for logit in logits]
        q = [math.exp(row[token] - actual_total) for token in ids]
        p.append(max(1.0 - math.fsum(p), 1e-12))
        q.append(max(1.0 - math.fsum(q), 1e-12))
        return math.fsum(a * math.log(a / b) for a, b in zip(p, q) if a > 0)

    def summary(self):
        count = max(self.positions, 1)
        return {"positions": self.positions, "max_abs_error": self.largest, "coarse_kl": self.divergence / count,
                "top1_agreement": self.agreed / count, "decided_misses": self.missed}


def write_golden(path, golden):
    """JSON with a line per position, so that a diff can be read."""
    prompts = []
    for prompt in golden["prompts"]:
        positions = ",\n      ".join(json.dumps(position, separators=(",", ":")) for position in prompt["positions"])
        prompts.append('    {"name": %s,\n     "tokens": %s,\n     "positions": [\n      %s]}'
                       % (json.dumps(prompt["name"]), json.dumps(prompt["tokens"]), positions))
    head = "".join(f"  {json.dumps(key)}: {json.dumps(value)},\n" for key, value in golden.items() if key != "prompts")
    with open(path, "w", encoding="utf-8") as file:
        file.write("{\n" + head + '  "prompts": [\n' + ",\n".join(prompts) + "\n  ]\n}\n")
