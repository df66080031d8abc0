"""conversation.py TALK FIRST: the messages up to the second question, as JSON; TALK must start with FIRST, the first answer."""

import json
import sys

talk, first = (open(path, encoding="utf-8").read() for path in sys.argv[1:])
assert talk.startswith(first), f"the talk starts with {talk[:80]!r}, but expects {first!r}"
json.dump([{"role": "user", "content": "My name is Ada."},
           {"role": "assistant", "content": first.removesuffix("\n")},
           {"role": "user", "content": "What is two plus two?"}], sys.stdout)
