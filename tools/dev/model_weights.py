"""Random weights of a resolved model, and the values of its parameters made of them. Nothing but Python's standard library.

A resolved model is what `tenon-translate --resolve` prints: its numbers, its block's options, and for each parameter the
tensors that it is made of (frontends/families/README.md).
"""

import array
import math
import random
import struct


def deviation_of(role, shape):
    """The size of a parameter's numbers, so that what goes through a layer keeps its own and logits differ."""
    if role in ("embedding.weight", "output.weight"):
        return 0.3
    if role.startswith(("position_embedding", "token_type_embedding")):
        return 0.2
    if role == "router.weight":
        return 2 * shape[-1] ** -0.5  # clear choices: a tie decided by rounding would be another model
    return shape[-1] ** -0.5


FUNCTIONS = {"": lambda value: value, "negative_exp": lambda value: -math.exp(value), "one_minus": lambda value: 1 - value,
             "negative_softplus": lambda value: -math.log1p(math.exp(value))}


# Parameters that would make nonsense of a recurrence if they were like any other: by role, or mixer and role, what is made of a number that
# is evenly drawn between 0 and 1.
SMALL = {
    "scan_a": lambda part: math.log(1 + 15 * part),
    "fading_average/scan_a": lambda part: 8 * part - 5,
    "gated_recurrence/scan_a": lambda part: math.log(math.expm1(10 ** (3 * part - 3) / 4)),
    "scan_d": lambda part: 0.5 + part,
    # softplus makes steps of 1/1000 to 1/10 of it, evenly spread by their logarithms
    "dt.bias": lambda part: math.log(math.expm1(10 ** (2 * part - 3))),
    "decay_up.bias": lambda part: 6 * part - 6,
    "matrix_memory/decay_gate.bias": lambda part: 3 + 3 * part,
    "key_scale": lambda part: 0.5 + part,
    "key_rate": lambda part: 0.5 + part,
}


def small_of(role, mixer):
    if role.startswith("shift_") and "." not in role or role in ("up_shift", "receptance_shift"):
        return lambda part: part  # of the row before
    return SMALL.get(f"{mixer}/{role}", SMALL.get(role))


def draw(name, role, shape, stored_plus, seed, mixer):
    """The numbers of a stored tensor, the same for the same name on every platform; `shape` is [out, in]."""
    count = 1
    for size in shape:
        count *= size
    words = array.array("I")
    words.frombytes(random.Random(f"{seed}/{name}").randbytes(4 * count))
    if small := small_of(role, mixer):
        return round_bf16([small(word / 2 ** 32) for word in words])
    if len(shape) < 2 or role.split(".")[0].endswith("_norm"):
        centre = 1 - stored_plus if "norm" in role and role.endswith("weight") else 0
        reach = 0.3
    else:
        centre, reach = 0, 3 ** 0.5 * deviation_of(role, shape)
    scale = reach / 2 ** 31
    # Rounded to 16 bits of the exponent's kind, so that bf16 files hold the same model.
    return round_bf16([centre + (word - 2 ** 31) * scale for word in words])


def round_bf16(values):
    bits = array.array("I", struct.pack(f"<{len(values)}f", *values))
    rounded = array.array("I", [(word + 0x7FFF + (word >> 16 & 1)) & 0xFFFF0000 for word in bits])
    return list(struct.unpack(f"<{len(values)}f", rounded.tobytes()))


def all_parameters(plan):
    """(layer or None, role, parameter) of the whole model."""
    for role, parameter in plan["parameters"].items():
        yield None, role, parameter
    for number, layer in enumerate(plan["layers"]):
        for role, parameter in layer["parameters"].items():
            yield number, role, parameter


def stored_tensors(plan, seed):
    """{name: (shape, values)} of every tensor that the plan reads."""
    tensors = {}
    for _, role, parameter in all_parameters(plan):
        for piece in parameter["pieces"]:
            name, shape = piece["tensor"], piece["shape"]
            if name not in tensors:
                meant = shape[::-1] if parameter.get("transposed") else shape
                tensors[name] = (shape, draw(name, role, meant, parameter.get("plus", 0), seed, plan["block"].get("mixer")))
    return tensors


def transpose(values, rows, columns):
    return [values[row * columns + column] for column in range(columns) for row in range(rows)]


def parameter_values(parameter, tensors):
    """The values of a parameter: its pieces' rows one after another."""
    values = []
    for piece in parameter["pieces"]:
        shape, stored = tensors[piece["tensor"]]
        columns = shape[-2] if parameter.get("transposed") and len(shape) > 1 else shape[-1]
        # Of a vector, and of the biases of experts, each element is a row.
        width = columns if len(shape) > 1 and columns == parameter["shape"][-1] else 1
        if parameter.get("transposed"):
            size = shape[-2] * shape[-1]  # each expert's matrix by itself
            stored = [value for first in range(0, len(stored), size)
                      for value in transpose(stored[first:first + size], shape[-2], shape[-1])]
        rows = len(stored) // width
        start, count, stride = piece.get("rows", [0, rows, 0])
        first = start
        while first < rows:
            values += stored[first * width:(first + count) * width]
            if not stride:
                break
            first += stride
    plus = parameter.get("plus", 0)
    expected = 1
    for size in parameter["shape"]:
        expected *= size
    if len(values) != expected:
        raise SystemExit(f"error: {parameter['name']}: expects {expected} values, but its pieces have {len(values)}")
    function = FUNCTIONS[parameter.get("function", "")]
    return [function(value + plus) for value in values]
