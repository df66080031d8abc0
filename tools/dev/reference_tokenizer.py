"""The tokenizer of a GGUF file by the PyPI package `tokenizers`: what the reference scripts encode prompts with."""

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

CONTROL, USER_DEFINED = 3, 4


class ReferenceTokenizer:
    """Byte-level BPE (`gpt2` with the pre-tokenizer `smollm`), special tokens recognised in the text."""

    def __init__(self, file):
        self.field = lambda name: file.fields[f"tokenizer.ggml.{name}"].contents()
        if (self.field("model"), self.field("pre")) != ("gpt2", "smollm"):
            raise SystemExit(f"reference_tokenizer: expects gpt2/smollm, but got {self.field('model')}/{self.field('pre')}")
        texts, kinds = self.field("tokens"), self.field("token_type")
        merges = [tuple(merge.split(" ")) for merge in self.field("merges")]
        self.tokenizer = Tokenizer(models.BPE(vocab={text: id for id, text in enumerate(texts)}, merges=merges))
        self.tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
            [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)])
        self.tokenizer.decoder = decoders.ByteLevel()
        special = [AddedToken(text, special=True, normalized=False) for text, kind in zip(texts, kinds) if kind in (CONTROL, USER_DEFINED)]
        self.tokenizer.add_special_tokens(special)

    def encode(self, text):
        return self.tokenizer.encode(text, add_special_tokens=False).ids

    def decode(self, tokens):
        return self.tokenizer.decode(tokens, skip_special_tokens=True)

    @staticmethod
    def chat(message, system="You are a helpful AI assistant named SmolLM, trained by Hugging Face"):
        """One user message in ChatML, with the system message that SmolLM2's template puts first."""
        return f"<|im_start|>system\n{system}<|im_end|>\n<|im_start|>user\n{message}<|im_end|>\n<|im_start|>assistant\n"
