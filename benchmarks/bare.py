"""The twin of `step.py` without azud: the metric is appended to a file."""

import argparse
import json

parser = argparse.ArgumentParser()
parser.add_argument("--input", required=True)
parser.add_argument("--output", required=True)
parser.add_argument("--number", type=int, required=True)
parser.add_argument("--metrics", required=True)
args = parser.parse_args()

with open(args.input) as stream:
    text = stream.read()
with open(args.output, "w") as stream:
    stream.write(text)

with open(args.metrics, "a") as stream:
    stream.write(json.dumps({"name": "characters", "value": len(text)}) + "\n")
