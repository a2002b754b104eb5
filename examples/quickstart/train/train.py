"""Learn to tell species apart, and write what was learned and how well it does."""

import argparse
import csv
import json
import os
from collections import Counter

from azureml.core import Run

parser = argparse.ArgumentParser()
parser.add_argument("--data", required=True, help="folder with train.csv and test.csv")
parser.add_argument("--model", choices=["centroid", "neighbours"], required=True)
parser.add_argument("--k", type=int, default=5, help="how many neighbours vote")
parser.add_argument("--result", required=True, help="folder for model.json and score.json")
args = parser.parse_args()


def read(name):
    """Return `(lengths, species)` of every row of a table."""
    with open(os.path.join(args.data, name), newline="") as stream:
        return [([float(cell) for cell in row[:-1]], row[-1]) for row in list(csv.reader(stream))[1:]]


def squared_distance(left, right):
    """Return the squared Euclidean distance of two flowers."""
    return sum((a - b) ** 2 for a, b in zip(left, right))


def centroids(flowers):
    """Return the mean flower of each species."""
    found = []
    for species in sorted({species for _, species in flowers}):
        columns = zip(*(lengths for lengths, kind in flowers if kind == species))
        found.append(([sum(column) / len(column) for column in map(list, columns)], species))
    return found


train, test = read("train.csv"), read("test.csv")
known, votes = (centroids(train), 1) if args.model == "centroid" else (train, args.k)


def predict(flower):
    """Return the species that most of the nearest known flowers have."""
    nearest = sorted(known, key=lambda item: squared_distance(item[0], flower))[:votes]
    return Counter(species for _, species in nearest).most_common(1)[0][0]


right = sum(predict(lengths) == species for lengths, species in test)
accuracy = right / len(test)

run = Run.get_context()
run.log("accuracy", accuracy)
os.makedirs(args.result, exist_ok=True)
with open(os.path.join(args.result, "model.json"), "w") as stream:
    json.dump({"kind": args.model, "known": known, "votes": votes}, stream)
with open(os.path.join(args.result, "score.json"), "w") as stream:
    json.dump({"model": args.model, "accuracy": accuracy}, stream)
print(f"{args.model}: {right} of {len(test)} test flowers named correctly")
