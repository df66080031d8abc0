#!/usr/bin/env python3
"""The exact llama forward pass of a GGUF file, in torch, on weights that the gguf package dequantises.

  llama_reference.py MODEL.gguf --tokens=5,17,3 --logits=OUT.npy
  llama_reference.py MODEL.gguf --tokens=5,17,3 --greedy=32        prints the tokens that follow
  llama_reference.py MODEL.gguf --chat="What is the capital of France?" --greedy=16

It shares no code with the compiler, so that it can judge it: goldens are made by it and committed, and
compare-logits holds `tenon-run --logits` against its output. Needs torch, numpy and gguf from PyPI;
--prompt and --chat need tokenizers too. --dtype=float64 tells how far float32 itself is from exact, and
--activations=q8|q16 rounds the inputs of block-quantised linears as the compiler's attribute of that name does.
"""

import argparse
import re
import sys

import numpy
import torch
from gguf import GGMLQuantizationType, GGUFReader
from gguf.quants import dequantize

from reference_tokenizer import ReferenceTokenizer


def round_blocks(x, largest):
    """x rounded to blocks of 32 integers of at most `largest`, ties away from zero; q8's scale is kept in float16."""
    blocks = x.unflatten(-1, (-1, 32))
    bound = blocks.abs().amax(-1, keepdim=True)
    quotient = torch.where(bound > 0, blocks * (largest / bound), torch.zeros_like(blocks))
    integers = quotient.sign() * (quotient.abs() + 0.5).floor()
    scale = bound / largest
    return (integers * (scale.half().to(x.dtype) if largest == 127 else scale)).flatten(-2)


class LlamaReference:
    """The model: parameters by GGUF name, and the forward pass over a whole sequence."""

    def __init__(self, path, dtype=torch.float32, layers=None, activations="f32"):
        self.file = GGUFReader(path)
        self.dtype = dtype
        self.largest = {"f32": None, "q8": 127, "q16": 32512}[activations]
        self.block_quantised = set()
        self.architecture = self.file.fields["general.architecture"].contents()
        self.hidden = self.key("embedding_length")
        self.layers = layers or self.key("block_count")
        self.heads = self.key("attention.head_count")
        self.kv_heads = self.key("attention.head_count_kv", self.heads)
        self.head_size = self.key("attention.key_length", self.hidden // self.heads)
        self.rotated = self.key("rope.dimension_count", self.head_size)
        self.frequency_base = self.key("rope.freq_base", 10000.0)
        self.position_scale = self.key("rope.scaling.factor", 1.0)
        self.epsilon = self.key("attention.layer_norm_rms_epsilon")
        self.parameters = {}
        for tensor in self.file.tensors:
            match = re.match(r"blk\.(\d+)\.", tensor.name)
            if match and int(match.group(1)) >= self.layers:
                continue
            if tensor.tensor_type not in (GGMLQuantizationType.F32, GGMLQuantizationType.F16, GGMLQuantizationType.BF16):
                self.block_quantised.add(tensor.name)
            shape = [int(size) for size in reversed(tensor.shape)]
            values = dequantize(tensor.data, tensor.tensor_type).reshape(shape)
            self.parameters[tensor.name] = torch.from_numpy(numpy.array(values, dtype=numpy.float32)).to(dtype)

    def key(self, name, default=None):
        field = self.file.fields.get(f"{self.architecture}.{name}")
        if field is None:
            if default is None:
                raise SystemExit(f"llama_reference: missing key {self.architecture}.{name}")
            return default
        return field.contents()

    def norm(self, x, name):
        scale = torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.epsilon)
        return x * scale * self.parameters[name]

    def linear(self, x, name):
        if self.largest and name + ".weight" in self.block_quantised:
            x = round_blocks(x, self.largest)
        y = x @ self.parameters[name + ".weight"].T
        bias = self.parameters.get(name + ".bias")
        return y if bias is None else y + bias

    def rotation(self, count):
        """Cosines and sines of every position's angles, [T, pairs]; angles are float32, as in the file's world."""
        pairs = torch.arange(0, self.rotated, 2, dtype=torch.float32)
        frequencies = 1.0 / (self.frequency_base ** (pairs / self.rotated))
        if "rope_freqs.weight" in self.parameters:
            frequencies = frequencies / self.parameters["rope_freqs.weight"].float()
        angles = torch.arange(count, dtype=torch.float32)[:, None] * (frequencies / self.position_scale)
        return angles.to(self.dtype).cos(), angles.to(self.dtype).sin()

    def rotate(self, x, cosines, sines):
        """Rotates the interleaved pairs (2i, 2i+1) of the first `rotated` elements; x is [T, heads, size]."""
        even, odd = x[..., 0 : self.rotated : 2], x[..., 1 : self.rotated : 2]
        c, s = cosines[:, None, :], sines[:, None, :]
        turned = torch.stack((even * c - odd * s, even * s + odd * c), -1).flatten(-2)
        return torch.cat((turned, x[..., self.rotated :]), -1)

    def attention(self, x, layer, cosines, sines):
        count = x.shape[0]
        query = self.linear(x, f"blk.{layer}.attn_q").view(count, self.heads, self.head_size)
        key = self.linear(x, f"blk.{layer}.attn_k").view(count, self.kv_heads, self.head_size)
        value = self.linear(x, f"blk.{layer}.attn_v").view(count, self.kv_heads, self.head_size)
        query, key = self.rotate(query, cosines, sines), self.rotate(key, cosines, sines)
        group = self.heads // self.kv_heads
        key, value = key.repeat_interleave(group, 1), value.repeat_interleave(group, 1)
        scores = torch.einsum("thd,shd->hts", query, key) / self.head_size**0.5
        future = torch.ones(count, count, dtype=torch.bool).triu(1)
        weights = scores.masked_fill(future, float("-inf")).softmax(-1)
        return self.linear(torch.einsum("hts,shd->thd", weights, value).flatten(1), f"blk.{layer}.attn_output")

    def feed_forward(self, x, layer):
        gate = torch.nn.functional.silu(self.linear(x, f"blk.{layer}.ffn_gate"))
        return self.linear(gate * self.linear(x, f"blk.{layer}.ffn_up"), f"blk.{layer}.ffn_down")

    @torch.inference_mode()
    def logits(self, tokens):
        x = self.parameters["token_embd.weight"][torch.tensor(tokens)]
        cosines, sines = self.rotation(len(tokens))
        for layer in range(self.layers):
            x = x + self.attention(self.norm(x, f"blk.{layer}.attn_norm.weight"), layer, cosines, sines)
            x = x + self.feed_forward(self.norm(x, f"blk.{layer}.ffn_norm.weight"), layer)
        head = "output" if "output.weight" in self.parameters else "token_embd"
        return self.linear(self.norm(x, "output_norm.weight"), head)

    def greedy(self, tokens, count, stop=()):
        """The tokens that follow, each the lowest of the largest logits, until `stop` or `count`."""
        made = []
        while len(made) < count:
            last = self.logits(list(tokens) + made)[-1]
            made.append(int((last == last.max()).nonzero()[0]))
            if made[-1] in stop:
                break
        return made


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--tokens", help="ids, comma separated")
    parser.add_argument("--prompt")
    parser.add_argument("--chat")
    parser.add_argument("--logits", help="write float32 [T, vocab] here")
    parser.add_argument("--greedy", type=int, default=0)
    parser.add_argument("--dtype", choices=["float32", "float64"], default="float32")
    parser.add_argument("--activations", choices=["f32", "q16", "q8"], default="f32")
    arguments = parser.parse_args()

    model = LlamaReference(arguments.model, getattr(torch, arguments.dtype), activations=arguments.activations)
    tokenizer = None
    if arguments.tokens:
        tokens = [int(token) for token in arguments.tokens.split(",")]
    elif arguments.prompt is not None or arguments.chat is not None:
        tokenizer = ReferenceTokenizer(model.file)
        text = arguments.prompt if arguments.chat is None else tokenizer.chat(arguments.chat)
        tokens = tokenizer.encode(text)
    else:
        parser.error("one of --tokens, --prompt and --chat is needed")

    if arguments.logits:
        numpy.save(arguments.logits, model.logits(tokens).float().numpy())
    if arguments.greedy:
        end = model.file.fields.get("tokenizer.ggml.eos_token_id")
        made = model.greedy(tokens, arguments.greedy, () if end is None else (end.contents(),))
        print(",".join(map(str, made)) if tokenizer is None else tokenizer.decode(made))
    return 0


if __name__ == "__main__":
    sys.exit(main())
