"""Say which of the trained models is best."""

import argparse
import json
import os

from azureml.core import Run

parser = argparse.ArgumentParser()
parser.add_argument("--training_results", required=True)
args = parser.parse_args()

with open(os.path.join(args.training_results, "scores.json")) as stream:
    scores = json.load(stream)
best = max(scores, key=scores.get)

run = Run.get_context()
run.log("best_accuracy", scores[best])
run.parent.tag("best", best)
print(f"best: {best} with {scores[best]:.1%}")
