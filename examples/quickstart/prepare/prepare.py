"""Split a table of flowers into rows to learn from and rows to be tested on."""

import argparse
import csv
import os
import random

from azureml.core import Run

parser = argparse.ArgumentParser()
parser.add_argument("--table", required=True, help="CSV file, species in the last column")
parser.add_argument("--test_share", type=float, default=0.3)
parser.add_argument("--output", required=True, help="folder for train.csv and test.csv")
args = parser.parse_args()

with open(args.table, newline="") as stream:
    header, *rows = csv.reader(stream)

random.Random(7).shuffle(rows)
cut = round(len(rows) * args.test_share)
os.makedirs(args.output, exist_ok=True)
for name, part in (("test.csv", rows[:cut]), ("train.csv", rows[cut:])):
    with open(os.path.join(args.output, name), "w", newline="") as stream:
        csv.writer(stream).writerows([header, *part])

run = Run.get_context()
run.log("rows for training", len(rows) - cut)
run.log("rows for testing", cut)
print(f"{len(rows)} flowers: {len(rows) - cut} to learn from, {cut} to be tested on")
