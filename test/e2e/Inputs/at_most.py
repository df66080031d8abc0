"""at_most.py KEY LIMIT STATS.json: a statistic of tenon-run is no larger than it may be; of several lines the least counts, as other
programs on the machine can only make it larger."""

import json
import sys

key, limit, path = sys.argv[1:]
with open(path, encoding="utf-8") as file:
    value = min(json.loads(line)[key] for line in file if line.startswith("{"))
sys.exit(0 if value <= float(limit) else f"{key} is {value}, the limit is {limit}")
