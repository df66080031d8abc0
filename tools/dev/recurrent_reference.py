"""Recurrent models of which transformers has no code, in float64 from their published equations: what their goldens are made by.

Each model is a class with `layout(config)`, the tensors of its checkpoints {name: shape}, and an instance of the tensors' values
whose `logits(tokens)` are those at every position. States start at 0; a sequence is gone through token by token, but RetNet in
its published parallel form, whose normalisers the compiled model has no need of. Needs numpy.
"""

import math

import numpy

ROOT_OF_E = float(numpy.exp(-0.5))


def sigmoid(x):
    return 1 / (1 + numpy.exp(-x))


def silu(x):
    return x * sigmoid(x)


def gelu(x):
    return numpy.vectorize(lambda value: value * 0.5 * (1 + math.erf(value / 2 ** 0.5)))(x)


def layer_norm(x, weight, bias, eps):
    mean = x.mean(-1, keepdims=True)
    return (x - mean) / numpy.sqrt(((x - mean) ** 2).mean(-1, keepdims=True) + eps) * weight + bias


def rms_norm(x, weight, eps):
    return x / numpy.sqrt((x ** 2).mean(-1, keepdims=True) + eps) * weight


def shifted(x):
    """Each row's predecessor; nothing precedes the first."""
    return numpy.concatenate([numpy.zeros_like(x[:1]), x[:-1]])


class Model:
    def __init__(self, config, tensors):
        """`tensors` is {name: array}."""
        self.config = config
        self.tensors = {name: numpy.asarray(value, dtype=numpy.float64) for name, value in tensors.items()}

    def get(self, name):
        return self.tensors[name]

    def flat(self, name):
        return self.tensors[name].reshape(-1)

    def linear(self, name, x):
        return x @ self.tensors[name + ".weight"].T

    def layer_norm(self, name, x, eps):
        return layer_norm(x, self.get(name + ".weight"), self.get(name + ".bias"), eps)

    def head_norm(self, name, y, eps):
        """Heads normalised by themselves, with a weight for each channel of all of them."""
        length, heads, dim = y.shape
        plain = layer_norm(y, 1.0, 0.0, eps).reshape(length, heads * dim)
        return plain * self.get(name + ".weight") + self.get(name + ".bias")


class Rwkv6(Model):
    """Of "Eagle and Finch", the names of the models in transformers' form."""

    @staticmethod
    def layout(config):
        hidden, size, wide = config["hidden_size"], config["head_size"], config["intermediate_size"]
        mix, decay = (64, 128) if hidden == 4096 else (32, 64)
        layout = {"rwkv.embeddings.weight": [config["vocab_size"], hidden], "head.weight": [config["vocab_size"], hidden]}
        norms = ["rwkv.blocks.0.pre_ln", "rwkv.ln_out"]
        for layer in range(config["num_hidden_layers"]):
            block = f"rwkv.blocks.{layer}."
            norms += [block + "ln1", block + "ln2", block + "attention.ln_x"]
            for name in ("attention.time_maa_x", "attention.time_maa_w", "attention.time_maa_k", "attention.time_maa_v",
                         "attention.time_maa_r", "attention.time_maa_g", "attention.time_decay", "feed_forward.time_maa_k",
                         "feed_forward.time_maa_r"):
                layout[block + name] = [1, 1, hidden]
            layout[block + "attention.time_maa_w1"] = [hidden, 5 * mix]
            layout[block + "attention.time_maa_w2"] = [5, mix, hidden]
            layout[block + "attention.time_decay_w1"] = [hidden, decay]
            layout[block + "attention.time_decay_w2"] = [decay, hidden]
            layout[block + "attention.time_faaaa"] = [hidden // size, size]
            for name in ("receptance", "key", "value", "gate", "output"):
                layout[block + f"attention.{name}.weight"] = [hidden, hidden]
            layout[block + "feed_forward.key.weight"] = [wide, hidden]
            layout[block + "feed_forward.receptance.weight"] = [hidden, hidden]
            layout[block + "feed_forward.value.weight"] = [hidden, wide]
        for name in norms:
            layout[name + ".weight"] = layout[name + ".bias"] = [hidden]
        return layout

    def time_mix(self, block, x):
        size = self.config["head_size"]
        length, hidden = x.shape
        delta = shifted(x) - x
        low = numpy.tanh((x + delta * self.flat(block + "time_maa_x")) @ self.get(block + "time_maa_w1")).reshape(length, 5, -1)
        mixed = {}
        for index, name in enumerate("wkvrg"):
            more = low[:, index] @ self.get(block + "time_maa_w2")[index]
            mixed[name] = x + delta * (self.flat(block + "time_maa_" + name) + more)
        heads = [length, hidden // size, size]
        r, k, v = (self.linear(block + name, mixed[name[0]]).reshape(heads) for name in ("receptance", "key", "value"))
        gate = silu(self.linear(block + "gate", mixed["g"]))
        decay = numpy.tanh(mixed["w"] @ self.get(block + "time_decay_w1")) @ self.get(block + "time_decay_w2")
        w = numpy.exp(-numpy.exp(self.flat(block + "time_decay") + decay)).reshape(heads)
        bonus = self.get(block + "time_faaaa")
        state, y = numpy.zeros([hidden // size, size, size]), numpy.zeros(heads)
        for t in range(length):
            outer = k[t, :, :, None] * v[t, :, None, :]
            y[t] = numpy.einsum("hk,hkv->hv", r[t], bonus[:, :, None] * outer + state)
            state = w[t, :, :, None] * state + outer
        return self.linear(block + "output", self.head_norm(block + "ln_x", y, 1e-5 * self.config["head_size_divisor"] ** 2) * gate)

    def channel_mix(self, block, x):
        delta = shifted(x) - x
        key = numpy.maximum(self.linear(block + "key", x + delta * self.flat(block + "time_maa_k")), 0) ** 2
        return sigmoid(self.linear(block + "receptance", x + delta * self.flat(block + "time_maa_r"))) * self.linear(block + "value", key)

    def logits(self, tokens):
        eps = self.config["layer_norm_epsilon"]
        x = self.layer_norm("rwkv.blocks.0.pre_ln", self.get("rwkv.embeddings.weight")[tokens], eps)
        for layer in range(self.config["num_hidden_layers"]):
            block = f"rwkv.blocks.{layer}."
            x = x + self.time_mix(block + "attention.", self.layer_norm(block + "ln1", x, eps))
            x = x + self.channel_mix(block + "feed_forward.", self.layer_norm(block + "ln2", x, eps))
        return self.linear("head", self.layer_norm("rwkv.ln_out", x, eps))


class Rwkv7(Model):
    """Of "Goose", the names of the models in flash-linear-attention's form."""

    @staticmethod
    def layout(config):
        hidden, size, wide = config["hidden_size"], config["head_dim"], config["intermediate_size"]
        layout = {"model.embeddings.weight": [config["vocab_size"], hidden], "lm_head.weight": [config["vocab_size"], hidden]}
        norms = ["model.layers.0.pre_norm", "model.norm"]
        for layer in range(config["num_hidden_layers"]):
            block = f"model.layers.{layer}."
            norms += [block + "attn_norm", block + "ffn_norm", block + "attn.g_norm"]
            for name in "rwkvag":
                layout[block + "attn.x_" + name] = [1, 1, hidden]
            layout[block + "attn.k_k"] = layout[block + "attn.k_a"] = [hidden]
            layout[block + "attn.r_k"] = [hidden // size, size]
            for name in "rkvo":
                layout[block + f"attn.{name}_proj.weight"] = [hidden, hidden]
            for name, key in (("w", "decay_low_rank_dim"), ("a", "a_low_rank_dim"), ("v", "v_low_rank_dim"), ("g", "gate_low_rank_dim")):
                if name == "v" and layer == 0:
                    continue
                layout[block + f"attn.{name}_lora.lora.0.weight"] = [config[key], hidden]
                layout[block + f"attn.{name}_lora.lora.2.weight"] = [hidden, config[key]]
                if name != "g":
                    layout[block + f"attn.{name}_lora.lora.2.bias"] = [hidden]
            layout[block + "ffn.x_k"] = [hidden]
            layout[block + "ffn.key.weight"] = [wide, hidden]
            layout[block + "ffn.value.weight"] = [hidden, wide]
        for name in norms:
            layout[name + ".weight"] = layout[name + ".bias"] = [hidden]
        return layout

    def low_rank(self, name, x, function=lambda x: x):
        y = function(x @ self.get(name + ".lora.0.weight").T) @ self.get(name + ".lora.2.weight").T
        return y + self.tensors.get(name + ".lora.2.bias", 0)

    def time_mix(self, block, x, first):
        size = self.config["head_dim"]
        length, hidden = x.shape
        heads = [length, hidden // size, size]
        delta = shifted(x) - x
        mixed = {name: x + delta * self.flat(block + "x_" + name) for name in "rwkvag"}
        r, k, v = (self.linear(block + name + "_proj", mixed[name]) for name in "rkv")
        w = numpy.exp(-ROOT_OF_E * sigmoid(self.low_rank(block + "w_lora", mixed["w"], numpy.tanh))).reshape(heads)
        if first is None:
            first = v
        else:
            v = v + (first - v) * sigmoid(self.low_rank(block + "v_lora", mixed["v"]))
        a = sigmoid(self.low_rank(block + "a_lora", mixed["a"]))
        gate = self.low_rank(block + "g_lora", mixed["g"], sigmoid)
        kk = (k * self.get(block + "k_k")).reshape(heads)
        kk = kk / numpy.maximum(numpy.sqrt((kk ** 2).sum(-1, keepdims=True)), 1e-12)
        k = (k * (1 + (a - 1) * self.get(block + "k_a"))).reshape(heads)
        r, a, v_heads = r.reshape(heads), a.reshape(heads), v.reshape(heads)
        state, y = numpy.zeros([hidden // size, size, size]), numpy.zeros(heads)  # [heads, value, key]
        for t in range(length):
            remove = numpy.einsum("hvk,hk->hv", state, kk[t])
            state = state * w[t, :, None, :] - remove[:, :, None] * (kk[t] * a[t])[:, None, :] + v_heads[t, :, :, None] * k[t, :, None, :]
            y[t] = numpy.einsum("hvk,hk->hv", state, r[t])
        normed = self.head_norm(block + "g_norm", y, self.config["norm_eps"] * size)
        bonus = ((r * k * self.get(block + "r_k")).sum(-1, keepdims=True) * v_heads).reshape(length, hidden)
        return self.linear(block + "o_proj", (normed + bonus) * gate), first

    def logits(self, tokens):
        eps = self.config["norm_eps"]
        x = self.layer_norm("model.layers.0.pre_norm", self.get("model.embeddings.weight")[tokens], eps)
        first = None
        for layer in range(self.config["num_hidden_layers"]):
            block = f"model.layers.{layer}."
            mixed, first = self.time_mix(block + "attn.", self.layer_norm(block + "attn_norm", x, eps), first)
            x = x + mixed
            inner = self.layer_norm(block + "ffn_norm", x, eps)
            key = self.linear(block + "ffn.key", inner + (shifted(inner) - inner) * self.flat(block + "ffn.x_k"))
            x = x + self.linear(block + "ffn.value", numpy.maximum(key, 0) ** 2)
        return self.linear("lm_head", self.layer_norm("model.norm", x, eps))


class RetNet(Model):
    """Of "Retentive Network", the names and numbers of torchscale's decoder; its parallel form with its normalisers."""

    @staticmethod
    def layout(config):
        hidden, value, wide = config["decoder_embed_dim"], config["decoder_value_embed_dim"], config["decoder_ffn_embed_dim"]
        layout = {"embed_tokens.weight": [config["vocab_size"], hidden], "layer_norm.weight": [hidden],
                  "output_projection.weight": [config["vocab_size"], hidden]}
        for layer in range(config["decoder_layers"]):
            block = f"layers.{layer}."
            for name, shape in (("q_proj", [hidden, hidden]), ("k_proj", [hidden, hidden]), ("v_proj", [value, hidden]),
                                ("g_proj", [value, hidden]), ("out_proj", [hidden, value])):
                layout[block + f"retention.{name}.weight"] = shape
            for name, shape in (("fc1", [wide, hidden]), ("gate", [wide, hidden]), ("fc2", [hidden, wide])):
                layout[block + f"ffn.{name}.weight"] = shape
            layout[block + "retention_layer_norm.weight"] = layout[block + "final_layer_norm.weight"] = [hidden]
        return layout

    @staticmethod
    def rotate(x):
        length, _, dim = x.shape
        angle = numpy.repeat(1 / 10000 ** numpy.linspace(0, 1, dim // 2), 2)
        turn = (numpy.arange(length)[:, None] * angle)[:, None, :]
        turned = numpy.stack([-x[..., 1::2], x[..., ::2]], axis=-1).reshape(x.shape)
        return x * numpy.cos(turn) + turned * numpy.sin(turn)

    def retention(self, block, x):
        heads = self.config["decoder_retention_heads"]
        length = x.shape[0]
        q, k, v = (self.linear(block + name, x).reshape(length, heads, -1) for name in ("q_proj", "k_proj", "v_proj"))
        q, k = self.rotate(q), self.rotate(k * k.shape[-1] ** -0.5)
        gamma = 1 - 2.0 ** (-5 - numpy.arange(heads))
        distance = numpy.arange(length)[:, None] - numpy.arange(length)
        decay = numpy.where(distance >= 0, gamma[:, None, None] ** numpy.maximum(distance, 0), 0)
        decay /= numpy.sqrt(decay.sum(-1, keepdims=True))
        weights = numpy.einsum("thk,shk->hts", q, k) * decay
        weights /= numpy.maximum(numpy.abs(weights.sum(-1, keepdims=True)), 1)
        mixed = rms_norm(numpy.einsum("hts,shv->thv", weights, v), 1.0, self.config["layernorm_eps"]).reshape(length, -1)
        return self.linear(block + "out_proj", silu(self.linear(block + "g_proj", x)) * mixed)

    def logits(self, tokens):
        eps = self.config["layernorm_eps"]
        act = {"gelu": gelu, "swish": silu}[self.config["activation_fn"]]
        x = self.get("embed_tokens.weight")[tokens]
        for layer in range(self.config["decoder_layers"]):
            block = f"layers.{layer}."
            x = x + self.retention(block + "retention.", rms_norm(x, self.get(block + "retention_layer_norm.weight"), eps))
            inner = rms_norm(x, self.get(block + "final_layer_norm.weight"), eps)
            x = x + self.linear(block + "ffn.fc2", act(self.linear(block + "ffn.fc1", inner)) * self.linear(block + "ffn.gate", inner))
        return self.linear("output_projection", rms_norm(x, self.get("layer_norm.weight"), eps))


# By what a configuration calls its architecture.
MODELS = {"Rwkv6ForCausalLM": Rwkv6, "RWKV7ForCausalLM": Rwkv7, "RetNetDecoder": RetNet}
