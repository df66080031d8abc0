"""The tokenizer of the models that tests make: a byte-level BPE learnt from a few sentences, with ChatML's special tokens."""

import sys

TEXT = """The compiler reads the model and the model reads the world. There is a model in the compiler, and there is
another one in the reader. When the reader asks a question, the model thinks about the answer, then it writes the
answer down, one token at a time; the tokens are the pieces of the words that the compiler has seen. This is the
small text from which the small vocabulary of the small model is made."""

CHATML = ("{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' "
          "+ '\\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}")
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
NORMAL_TOKEN, CONTROL_TOKEN, UNUSED_TOKEN = 1, 3, 5


def byte_alphabet():
    """GPT-2's printable character for each byte."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [b for b in range(256) if b not in plain]
    letters = {b: chr(b) for b in plain}
    letters.update({b: chr(256 + i) for i, b in enumerate(others)})
    return [letters[b] for b in range(256)]


def learn_merges(count):
    """The most frequent pairs of TEXT's words, one after the other; ties go to the lesser pair."""
    alphabet = byte_alphabet()
    words = [[alphabet[b] for b in (" " + word).encode()] for word in TEXT.split()]
    merges, made = [], set()
    while len(merges) < count:
        pairs = {}
        for word in words:
            for pair in zip(word, word[1:]):
                if pair[0] + pair[1] not in made:
                    pairs[pair] = pairs.get(pair, 0) + 1
        if not pairs:
            sys.exit(f"error: the vocabulary's text has only {len(merges)} merges, but {count} are asked for")
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        merges.append(best)
        made.add(best[0] + best[1])
        for word in words:
            for i in range(len(word) - 2, -1, -1):
                if i + 1 < len(word) and (word[i], word[i + 1]) == best:
                    word[i:i + 2] = [best[0] + best[1]]
    return merges


def tiny_vocabulary(merges):
    """The tokens: the special ones, the bytes, then what the merges make."""
    return SPECIAL + byte_alphabet() + [left + right for left, right in merges]


def write_tokenizer(writer, tokens, merges):
    """The tokenizer's keys in a GGUF file."""
    writer.key("tokenizer.ggml.model", "string", "gpt2")
    writer.key("tokenizer.ggml.pre", "string", "smollm")
    writer.key("tokenizer.ggml.tokens", "strings", tokens)
    writer.key("tokenizer.ggml.token_type", "i32s",
               [CONTROL_TOKEN if token in SPECIAL else NORMAL_TOKEN for token in tokens])
    writer.key("tokenizer.ggml.merges", "strings", [f"{left} {right}" for left, right in merges])
    writer.key("tokenizer.ggml.bos_token_id", "u32", 1)
    writer.key("tokenizer.ggml.eos_token_id", "u32", 2)
    writer.key("tokenizer.ggml.unknown_token_id", "u32", 0)
    writer.key("tokenizer.ggml.add_bos_token", "bool", False)
    writer.key("tokenizer.chat_template", "string", CHATML)


def write_greedy_tokenizer(writer, vocabulary):
    """The keys of a tokenizer that takes the longest token that fits: a control token, the bytes, TEXT's words, and unused ones."""
    words = sorted({piece for word in TEXT.split() for piece in (word, " " + word) if len(piece) > 1} | {"\n\n"})
    texts = [bytes([byte]) for byte in range(256)] + [word.encode() for word in words]
    tokens = ["<s>"] + [repr(text)[2:-1] for text in texts]
    unused = vocabulary - len(tokens)
    writer.key("tokenizer.ggml.model", "string", "rwkv")
    writer.key("tokenizer.ggml.tokens", "strings", tokens + [f"[PAD{len(tokens) + i}]" for i in range(unused)])
    writer.key("tokenizer.ggml.token_type", "i32s", [CONTROL_TOKEN] + [NORMAL_TOKEN] * len(texts) + [UNUSED_TOKEN] * unused)
    writer.key("tokenizer.ggml.bos_token_id", "u32", 0)
    writer.key("tokenizer.ggml.eos_token_id", "u32", 0)
    writer.key("tokenizer.ggml.add_bos_token", "bool", False)
