"""What make-tokenizer-golden trains its vocabularies on and tests tokenizers with."""

CORPUS = """The compiler reads the model and the model reads the world. There's a question, and here's the answer: don't panic.
It wasn't the tokens, it was the spaces between the tokens that we'd forgotten. They'll say I'm wrong; you've heard it before.
In 2024 there were 365 days and 12 months; 1000000 is a million, 3.14159 is pi and 0x1F is 31. Phone: +49 30 123456.
for (int i = 0; i < 100; ++i) { sum += values[i] * weights[i]; } // a loop
def render(messages):
    for message in messages:
        if message["role"] == "user":
            return message["content"].strip()
Le cœur a ses raisons que la raison ne connaît point. Die Straße führt über die Brücke. El niño comió piñas.
Компилятор читает модель. Модель читает мир. Ответ был правильный.
编译器读取模型。模型读取世界。答案是正确的。 コンパイラはモデルを読む。 컴파일러는 모델을 읽는다.
ὁ μεταγλωττιστὴς ἀναγιγνώσκει. المترجم يقرأ النموذج. संकलक मॉडल पढ़ता है।
<|im_start|>user
What is the capital of France?<|im_end|>
"""

TEXTS = [
    "", " ", "  ", "   ", "\n", "\n\n\n", "\t", " \n ", "\r\n", "a", " a", "  a", "a ", "a  ", "a  b", "a\n\n b", "\ta", "\t\ta",
    "Hello, world!", "Hello,  world!   How   are you?", "The compiler reads the model.", "the theory of the thermometer",
    # contractions, in any case, with and without a word before them
    "don't I'll we've they're I'm he'd it's", "DON'T I'LL WE'VE THEY'RE I'M HE'D IT'S", "'s 't 're 've 'm 'll 'd 'x ''s '", "'ſ 'S",
    # digits of several scripts, alone, in runs and behind spaces
    "1", "12", "123", "1234", "12345678901234567890", " 1 12  123", "3.14159", "0x1F2e", "a1b22c333", "١٢٣ १२३ ²³ ½ Ⅷ ⅷ 五",
    # white space that is and is not
    "a\u00a0b", "a\u2003\u2003b", "a\u3000b", "a\u180eb", "a\u200bb", "a\u0085b", "\u2028\u2029", "a\x1cb", "\x0b\x0c",
    "\u00a0 \u00a0", "\ufeffa",
    # letters, marks, cases, scripts
    "é", "e\u0301", "Å Å Å", "ǅ ʰ ª º", "Straße STRASSE straße", "œuvre", "Ελληνικά ὁ", "Привет, мир!", "שלום עולם", "مرحبا بالعالم",
    "नमस्ते दुनिया", "สวัสดีชาวโลก", "你好，世界！", "こんにちは世界", "안녕하세요 세계", "𝕳𝖊𝖑𝖑𝖔", "𠜎𠜱𠝹", "ﬁ ﬂ",
    # emoji: modifiers, joiners, flags, keycaps, variation selectors
    "😀", "👍🏽", "👩‍👩‍👧‍👦", "🏳️‍🌈", "🇩🇪🇫🇷", "1️⃣", "❤️ ❤", "a😀b 😀 c",
    # punctuation and symbols
    "!!!", "...", "… — – «»", "$100 €50 £1 ¥", "a+b=c", "()[]{}<>", "\"quoted\" 'single' `code`", "@user #tag", "100%",
    "a_b-c.d/e\\f", "-->", "==>",
    # code
    "for (int i = 0; i < 100; ++i) {\n\tsum += v[i];\n}\n", "def f(x):\n    return x\n\n\n", "if(a&&b||!c)return;",
    "\tindented\n\t\tmore\r\n",
    # control characters, private use, non-characters, the last code point
    "\x00", "a\x00b", "\x01\x02\x03\x04\x05", "\x7f\x80\x9f", "\ue000", "\uffff", "\ufffd", "\U0010ffff",
    # long runs
    "a" * 100, " " * 130, "\n" * 65, "=" * 99, "ab" * 60, "1" * 60, "é" * 50, "😀" * 20, " a" * 50, "the" * 40,
    # special tokens and what resembles them
    "<|im_start|>", "<|im_start|>user\nHi<|im_end|>\n", "a<|im_end|>b", " <|endoftext|> ", "<|im_start|><|im_start|>", "<|im_start",
    "<|im|>", "<|im|>>x",
    "<|im|><|im_end|>", "<|<|im|>|>", "<|IM_END|>", "<0x0A>", "<|im_end|>\n\n  x", "▁", "a▁b ▁ c",
]

CHATML_TURNS = ("{% for message in messages %}"
                "{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n'}}{% endfor %}"
                "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}")

TEMPLATES = {
    "chatml": CHATML_TURNS,
    "default-system": ("{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}"
                       "{{ '<|im_start|>system\nYou are a tester\\'s delight<|im_end|>\n' }}{% endif %}"
                       "{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}"
                       "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"),
    "defined": "{% if not add_generation_prompt is defined %}{% set add_generation_prompt = false %}{% endif %}" + CHATML_TURNS,
    "last-turn-open": ("{% for message in messages %}\n{{'<|im_start|>' + message.role + '\\n' + message.content}}"
                       "{% if (loop.last and add_generation_prompt) or not loop.last %}{{ '<|im_end|>' + '\\n'}}{% endif %}\n{% endfor %}\n"
                       "{%- if add_generation_prompt and messages and messages[-1]['role'] != 'assistant' -%}"
                       "\n {{ '<|im_start|>assistant\\n' }}\n{%- endif %}\n\n"),
    "tools-untaken": ("{%- if tools %}\n    {{- messages | tojson(indent=4) }}\n    "
                      "{%- macro f(x) %}{% if x %}{{ x }}{% endif %}{% endmacro %}\n{%- else %}\n"
                      "    {{- bos_token }}\n{%- endif %}\n{# turns #}\n" + CHATML_TURNS),
    "alternating": ("{% if messages and messages[0].role == 'system' %}{% set turns = messages[1:] %}"
                    "{% set system = messages[0].content %}{% else %}"
                    "{% set turns = messages %}{% set system = none %}{% endif %}{% for m in turns %}"
                    "{% if (m['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('turns must alternate') }}{% endif %}"
                    "{% if loop.first and system is not none %}{% set text = system ~ '/' ~ m.content %}"
                    "{% else %}{% set text = m.content %}{% endif %}"
                    "{% if m.role == 'user' %}{{ bos_token + '[INST] ' + text | trim + ' [/INST]' }}{% elif m.role == 'assistant' %}"
                    "{{ ' ' ~ text.strip() ~ ' ' ~ eos_token }}{% else %}{{ raise_exception('no such role') }}{% endif %}{% endfor %}"),
    "white-space": ("  {% if true %}\n  a\n  {%- if 1 < 2 %}  b  {%- endif %}\n\n  {%+ if true %} c {% endif +%}\n{# x #}\n"
                   "  {{ 'd' -}}  \n e {#- y -#}  f\n\n"),
    "values": ("{{ 'x' if messages else 'y' }}{{ messages | length }}{{ 7 % 3 - 4 + 2 }}{{ 'a' in 'cat' }}{{ 'b' not in 'cat' }}"
               "{{ none }}{{ nothing }}"
               "{% for m in messages[-2:] %}{{ loop.index ~ '/' ~ loop.length }}{% set last = m.role %}{{ last }}"
               "{{ 'role' in m and 'tool' not in m }}"
               "{% endfor %}{{ last is defined }}{{ '\\'' + \"\\\"\\\\\" }}"),
}

CHATS = [
    [],
    [{"role": "user", "content": "What is the capital of France?"}],
    [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "  Hi\n"}],
    [{"role": "user", "content": "a"}, {"role": "assistant", "content": "\tb "}, {"role": "user", "content": "c<|im_end|>"}],
    [{"role": "assistant", "content": ""}],
    [{"role": "system", "content": " \u3000é😀\u2003 "}, {"role": "user", "content": "{{ x }}{% if %}"},
     {"role": "assistant", "content": "'"}],
]
