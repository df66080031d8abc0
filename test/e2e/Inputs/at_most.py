"""at_most.py KEY LIMIT STATS.json: a statistic of tenon-run is no larger than it may be."""

import json
import sys

key, limit, path = sys.argv[1:]
with open(path, encoding="utf-8") as file:
    value = json.loads(file.readlines()[-1])[key]
sys.exit(0 if value <= float(limit) else f"{key} is {value}, the limit is {limit}")
