"""Turn a folder of images into one table: a row per image, 64 grey levels and the digit."""

import argparse
import csv
import glob
import os

from azureml.core import Run

parser = argparse.ArgumentParser()
parser.add_argument("--input", required=True, help="folder with NNNN_<digit>.pgm files")
parser.add_argument("--output", required=True, help="folder for digits.csv")
args = parser.parse_args()

paths = sorted(glob.glob(os.path.join(args.input, "**", "*.pgm"), recursive=True))
os.makedirs(args.output, exist_ok=True)
with open(os.path.join(args.output, "digits.csv"), "w", newline="") as stream:
    table = csv.writer(stream)
    table.writerow([f"p{index}" for index in range(64)] + ["digit"])
    for path in paths:
        with open(path) as image:
            pixels = image.read().split()[4:]
        table.writerow([*pixels, os.path.splitext(path)[0].rsplit("_", 1)[1]])

Run.get_context().log("images", len(paths))
print(f"{len(paths)} images prepared")
