"""Registers a model, finds it again, and reads it."""

import os
import sys

from azureml.core import Model, Run
from azureml.core.model import Model as SameModel
from azureml.exceptions import ModelPathNotFoundException

name = "model-of-{}-{}".format(*sys.version_info)
run = Run.get_context()
ws = run.experiment.workspace
os.makedirs("outputs", exist_ok=True)
with open("outputs/model.pkl", "wb") as stream:
    stream.write(b"weights")
model = run.register_model(name, model_path="outputs/model.pkl", tags={"rate": 0.1}, properties={"kind": "tree"})
assert model.run_id == run.id and model.tags == {"rate": "0.1"}, model
path = Model.get_model_path(name, _workspace=ws)
with open(path, "rb") as stream:
    assert stream.read() == b"weights"
assert SameModel is Model and Model(ws, name).version == model.version
assert name in [found.name for found in Model.list(ws, tags=["rate"])]
with open(model.download("models", exist_ok=True), "rb") as stream:
    assert stream.read() == b"weights"
try:
    run.register_model(name, model_path="outputs/nothing.pkl")
except ModelPathNotFoundException:
    pass
else:
    raise AssertionError("a model of a file that is not there")
