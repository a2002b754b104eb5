"""Report the most frequent words."""

import argparse
import json

from azud import Run

parser = argparse.ArgumentParser()
parser.add_argument("--counts", required=True)
parser.add_argument("--top", type=int, default=3)
args = parser.parse_args()

with open(args.counts) as stream:
    counts = json.load(stream)

run = Run.get_context()
for word in sorted(counts, key=lambda word: (-counts[word], word))[: args.top]:
    run.log_row("frequent words", word=word, times=counts[word])
    print(f"{counts[word]:3d} {word}")
