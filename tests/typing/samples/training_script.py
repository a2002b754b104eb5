"""A training script, as it runs in a step."""

from __future__ import annotations

import argparse
import os

from azureml.core import Dataset, Model, Run, Workspace
from azureml.core.run import _OfflineRun

parser = argparse.ArgumentParser()
parser.add_argument("--rate", type=float, default=0.1)
args = parser.parse_args()

run = Run.get_context()
if isinstance(run, _OfflineRun):
    ws = Workspace.from_config()
else:
    ws = run.experiment.workspace
if run.id.startswith("OfflineRun"):
    print("offline")

frame = run.input_datasets["iris"].to_pandas_dataframe()
rows: int = len(frame)
everything = Dataset.get_by_name(ws, name="everything", version=2).to_pandas_dataframe()
paths = Dataset.get_by_name(ws, "images").download(target_path="images", overwrite=True)
print(paths[0].upper(), run.output_datasets["model"])

run.log("rate", args.rate)
run.log("loss", 0.5, step=1)
run.log_list("accuracies", [0.1, 0.2], description="by epoch")
run.log_row("curve", x=1, y=2.0)
run.log_table("table", {"a": [1, 2], "b": [3, 4]})
run.log_image("plot", path="plot.png")
run.log_confusion_matrix("confusion", {"schema_type": "confusion_matrix", "data": {}})
run.tag("kind", "tree")
run.set_tags({"a": 1})
run.add_properties({"b": "c"})
run.parent.log("best", 1.0)
run.parent.tag("best", run.id)
if run.parent is not None:
    run.parent.add_properties({"winner": run.id})
with run.child_run(name="fold") as fold:
    fold.log("accuracy", 1.0)
for child in run.get_children():
    print(child.get_metrics().get("accuracy"), child.tags, child.properties)

os.makedirs("outputs", exist_ok=True)
run.upload_file(name="outputs/model.pkl", path_or_stream="model.pkl")
run.upload_folder("report", "report")
registered = run.register_model(model_name="iris", model_path="outputs/model.pkl", tags={"rate": args.rate})
path: str = Model.get_model_path("iris", version=registered.version, _workspace=ws)
run.flush()
run.complete()
again: Run = Run.get_context(allow_offline=False)
