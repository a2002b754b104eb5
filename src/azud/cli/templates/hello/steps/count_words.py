"""Count how often each word stands in a text."""

import argparse
import collections
import json
import re

from azud import Run

parser = argparse.ArgumentParser()
parser.add_argument("--text", required=True)
parser.add_argument("--counts", required=True, help="file to write")
args = parser.parse_args()

with open(args.text, encoding="utf-8") as stream:
    words = re.findall(r"[a-z]+", stream.read().lower())

with open(args.counts, "w") as stream:
    json.dump(collections.Counter(words), stream)

run = Run.get_context()
run.log("words", len(words))
run.log("different words", len(set(words)))
print(f"{len(words)} words counted")
