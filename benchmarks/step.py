"""The step that is measured: read the input, write the output, log a metric."""

import argparse

from azureml.core import Run

parser = argparse.ArgumentParser()
parser.add_argument("--input", required=True)
parser.add_argument("--output", required=True)
parser.add_argument("--number", type=int, required=True)
args = parser.parse_args()

with open(args.input) as stream:
    text = stream.read()
with open(args.output, "w") as stream:
    stream.write(text)

Run.get_context().log("characters", len(text))
