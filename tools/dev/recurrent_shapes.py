"""Shapes of recurrent models for synthesize-gguf: their keys, and their tensors with values that keep a state sane.

Names, keys and layouts are those of llama.cpp's files. A decay drawn at random would forget at once or never, so the small parameters
follow the rules by which such models are initialised for training.
"""

import math

# A tensor's values: a matrix of the file's type, a matrix that is never rounded to blocks, one that stays in 32 bits, or a function of a
# random number generator and of the element's place.
MATRIX, FLOATS, EXACT = "matrix", "floats", "exact"


def constant(value):
    return lambda rng, place: value


def normal(scale):
    return lambda rng, place: rng.gauss(0, scale)


def step_bias(rng, place):
    """The inverse of softplus at a step size that is spread evenly, by its logarithm, from 1/1000 to 1/10."""
    return math.log(math.expm1(math.exp(rng.uniform(math.log(1e-3), math.log(1e-1)))))


ONE, ZERO, SHARE = constant(1.0), constant(0.0), lambda rng, place: rng.random()

MAMBA = dict(arch="mamba", state=16, taps=4, vocabulary=50280)
RWKV7 = dict(arch="rwkv7", head=64, vocabulary=65536)
SHAPES = {
    "mamba-9.6m": dict(MAMBA, layers=9, hidden=384, rank=24, vocabulary=2400),
    "mamba-130m": dict(MAMBA, layers=24, hidden=768, rank=48),
    "mamba-2.8b": dict(MAMBA, layers=64, hidden=2560, rank=160),
    "mamba2-130m": dict(MAMBA, arch="mamba2", layers=24, hidden=768, head=64, groups=1, state=128, vocabulary=50288),
    "mamba2-2.7b": dict(MAMBA, arch="mamba2", layers=64, hidden=2560, head=64, groups=1, state=128, vocabulary=50288),
    "rwkv7-0.4b": dict(RWKV7, layers=24, hidden=1024, decay=64, rate=64, mix=32, gate=128),
    "rwkv7-1.5b": dict(RWKV7, layers=24, hidden=2048, decay=96, rate=96, mix=64, gate=256),
    "rwkv7-2.9b": dict(RWKV7, layers=32, hidden=2560, decay=96, rate=96, mix=64, gate=320),
}


def keys_of(shape):
    """(key, kind, value) of the numbers that describe the model."""
    arch, hidden = shape["arch"], shape["hidden"]
    feed_forward = 4 * hidden if arch == "rwkv7" else 0
    for key, value in (("context_length", 1 << 20), ("embedding_length", hidden), ("block_count", shape["layers"]),
                       ("feed_forward_length", feed_forward), ("attention.head_count", 0), ("vocab_size", shape["vocabulary"])):
        yield f"{arch}.{key}", "u32", value
    if arch == "rwkv7":
        yield f"{arch}.attention.layer_norm_epsilon", "f32", 1e-5
        for key, value in (("wkv.head_size", "head"), ("attention.decay_lora_rank", "decay"), ("attention.iclr_lora_rank", "rate"),
                           ("attention.value_residual_mix_lora_rank", "mix"), ("attention.gate_lora_rank", "gate")):
            yield f"{arch}.{key}", "u32", shape[value]
        return
    yield f"{arch}.attention.layer_norm_rms_epsilon", "f32", 1e-5
    yield f"{arch}.ssm.conv_kernel", "u32", shape["taps"]
    yield f"{arch}.ssm.inner_size", "u32", 2 * hidden
    yield f"{arch}.ssm.state_size", "u32", shape["state"]
    if arch == "mamba2":
        yield f"{arch}.ssm.time_step_rank", "u32", 2 * hidden // shape["head"]
        yield f"{arch}.ssm.group_count", "u32", shape["groups"]
    else:
        yield f"{arch}.ssm.time_step_rank", "u32", shape["rank"]
        yield f"{arch}.ssm.dt_b_c_rms", "bool", False


def selective_block(shape, layer):
    hidden, inner, state, rank = shape["hidden"], 2 * shape["hidden"], shape["state"], shape["rank"]
    yield "attn_norm.weight", [hidden], ONE
    yield "ssm_in.weight", [2 * inner, hidden], MATRIX
    yield "ssm_conv1d.weight", [inner, shape["taps"]], normal(shape["taps"] ** -0.5)
    yield "ssm_conv1d.bias", [inner], ZERO
    yield "ssm_x.weight", [rank + 2 * state, inner], MATRIX
    yield "ssm_dt.weight", [inner, rank], MATRIX
    yield "ssm_dt.bias", [inner], step_bias
    yield "ssm_a", [inner, state], lambda rng, place: -1.0 - place % state
    yield "ssm_d", [inner], ONE
    yield "ssm_out.weight", [hidden, inner], MATRIX


def dual_block(shape, layer):
    hidden, inner, groups = shape["hidden"], 2 * shape["hidden"], shape["groups"]
    heads, mixed = inner // shape["head"], inner + 2 * groups * shape["state"]
    yield "attn_norm.weight", [hidden], ONE
    yield "ssm_in.weight", [inner + mixed + heads, hidden], MATRIX
    yield "ssm_conv1d.weight", [mixed, shape["taps"]], normal(shape["taps"] ** -0.5)
    yield "ssm_conv1d.bias", [mixed], ZERO
    yield "ssm_dt.bias", [heads], step_bias
    yield "ssm_a", [heads, 1], lambda rng, place: -rng.uniform(1, 16)
    yield "ssm_d", [heads, 1], ONE
    yield "ssm_norm.weight", [groups, inner // groups], ONE
    yield "ssm_out.weight", [hidden, inner], MATRIX


def delta_block(shape, layer):
    hidden, feed_forward = shape["hidden"], 4 * shape["hidden"]
    for norm in ("attn_norm", "attn_norm_2"):
        yield norm + ".weight", [hidden], ONE
        yield norm + ".bias", [hidden], ZERO
    # The logits of the decay: from "keep nearly all of it" to "forget a third", over the channels.
    yield "time_mix_w0.weight", [hidden], lambda rng, place: -6 + 5 * (place / (hidden - 1))
    yield "time_mix_a0.weight", [hidden], ZERO
    yield "time_mix_v0.weight", [hidden], ONE
    mix = "mix" if layer else "rate"  # the first layer's is not used; files have it in this size
    for part, rank, kind in (("w", "decay", EXACT), ("a", "rate", FLOATS), ("v", mix, FLOATS), ("g", "gate", FLOATS)):
        yield f"time_mix_{part}1.weight", [shape[rank], hidden], kind
        yield f"time_mix_{part}2.weight", [hidden, shape[rank]], kind
    yield "time_mix_lerp_fused.weight", [6, 1, 1, hidden], SHARE
    yield "time_mix_k_k.weight", [hidden], constant(0.85)
    yield "time_mix_k_a.weight", [hidden], ONE
    yield "time_mix_r_k.weight", [hidden], normal(0.1)
    for part in ("receptance", "key", "value", "output"):
        yield f"time_mix_{part}.weight", [hidden, hidden], MATRIX
    yield "time_mix_ln.weight", [hidden], ONE
    yield "time_mix_ln.bias", [hidden], ZERO
    yield "channel_mix_lerp_k.weight", [1, 1, hidden], SHARE
    yield "channel_mix_key.weight", [feed_forward, hidden], MATRIX
    yield "channel_mix_value.weight", [hidden, feed_forward], MATRIX


BLOCKS_OF = {"mamba": selective_block, "mamba2": dual_block, "rwkv7": delta_block}


def tensors_of(shape):
    """Name, dimensions and kind of values. The embedding is the output's matrix too, but for rwkv7."""
    vocabulary, hidden = shape["vocabulary"], shape["hidden"]
    yield "token_embd.weight", [vocabulary, hidden], MATRIX
    if shape["arch"] == "rwkv7":
        yield "token_embd_norm.weight", [hidden], ONE
        yield "token_embd_norm.bias", [hidden], ZERO
    for layer in range(shape["layers"]):
        for name, dims, kind in BLOCKS_OF[shape["arch"]](shape, layer):
            yield f"blk.{layer}.{name}", dims, kind
    yield "output_norm.weight", [hidden], ONE
    if shape["arch"] == "rwkv7":
        yield "output_norm.bias", [hidden], ZERO
        yield "output.weight", [vocabulary, hidden], MATRIX
