"""Train two classifiers on the prepared digits and write their scores and models."""

import argparse
import json
import os
import pickle

import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.naive_bayes import GaussianNB

from azureml.core import Run

parser = argparse.ArgumentParser()
parser.add_argument("--prepped_data", required=True)
parser.add_argument("--training_results", required=True)
args = parser.parse_args()

table = pd.read_csv(os.path.join(args.prepped_data, "digits.csv"))
pixels, digits = table.drop(columns="digit"), table["digit"]

run = Run.get_context()
os.makedirs(args.training_results, exist_ok=True)
scores = {}
for name, model in {"logistic": LogisticRegression(max_iter=500), "bayes": GaussianNB()}.items():
    scores[name] = float(cross_val_score(model, pixels, digits, cv=3).mean())
    run.log(f"accuracy_{name}", scores[name])
    with open(os.path.join(args.training_results, f"{name}.pkl"), "wb") as stream:
        pickle.dump(model.fit(pixels, digits), stream)

with open(os.path.join(args.training_results, "scores.json"), "w") as stream:
    json.dump(scores, stream)
print(scores)
