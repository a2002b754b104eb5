"""Pick the better of the trained models."""

import argparse
import json
import os
import shutil

from azureml.core import Run

parser = argparse.ArgumentParser()
parser.add_argument("--results", nargs="+", required=True, help="folders with model.json and score.json")
parser.add_argument("--best", required=True, help="folder for the winner")
args = parser.parse_args()

scores = []
for folder in args.results:
    with open(os.path.join(folder, "score.json")) as stream:
        scores.append((json.load(stream), folder))

run = Run.get_context()
for score, _ in scores:
    run.log_row("models", model=score["model"], accuracy=score["accuracy"])

winner, folder = max(scores, key=lambda item: item[0]["accuracy"])
run.log("best model", winner["model"])
run.log("best accuracy", winner["accuracy"])
os.makedirs(args.best, exist_ok=True)
shutil.copy(os.path.join(folder, "model.json"), args.best)
print(f"{winner['model']} wins with {winner['accuracy']:.1%}")
