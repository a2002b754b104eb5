"""Write hand-written digits as small images, one file each, and irises as a table.

Both sets ship inside scikit-learn: digits from the UCI repository (Alpaydin and Kaynak, 1998), irises from
R. A. Fisher (1936).
"""

import argparse
import os

from sklearn.datasets import load_digits, load_iris

parser = argparse.ArgumentParser()
parser.add_argument("--to", default="train-images", help="folder for the images")
parser.add_argument("--count", type=int, default=600)
args = parser.parse_args()

digits = load_digits()
os.makedirs(args.to, exist_ok=True)
for index in range(args.count):
    rows = "\n".join(" ".join(str(int(pixel)) for pixel in row) for row in digits.images[index])
    with open(os.path.join(args.to, f"{index:04d}_{digits.target[index]}.pgm"), "w") as stream:
        stream.write(f"P2\n8 8\n16\n{rows}\n")

load_iris(as_frame=True).frame.to_csv("iris.csv", index=False)
print(f"{args.count} images in {args.to}, 150 irises in iris.csv")
