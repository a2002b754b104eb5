"""Logs a metric of every kind and reads them back."""

import os
import subprocess
import sys

from azureml.core import Run
from azureml.exceptions import UserErrorException


class Plot:
    """Looks like a figure of matplotlib."""

    def savefig(self, path, format=None):
        with open(path, "wb") as stream:
            stream.write(b"not really a picture")


run = Run.get_context()
assert run is Run.get_context()
run.log("loss", 1.5)
run.log("loss", 0.5)
for step in range(3):
    run.log("by step", step * 2, step=step)
run.log("text", "good")
run.log("truth", True)
run.log_list("list", [1, 2, 3], description="three")
run.log_row("row", x=1, y=2.5)
run.log_row("row", x=2, y=3.5)
run.log_table("table", {"a": [1, 2], "b": [3, 4]})
run.log_image("plot", plot=Plot())
os.makedirs("pictures", exist_ok=True)
with open("pictures/drawn.png", "wb") as stream:
    stream.write(b"png")
run.log_image("file", path="pictures/drawn.png")
run.log_confusion_matrix(
    "confusion",
    {
        "schema_type": "confusion_matrix",
        "schema_version": "v1",
        "data": {"class_labels": ["0", "1"], "matrix": [[3, 0], [1, 2]]},
    },
)
run.log_residuals(
    "residuals",
    {
        "schema_type": "residuals",
        "schema_version": "v1",
        "data": {"bin_edges": [0, 1, 2], "bin_counts": [1, 2], "mean": 0, "std": 1},
    },
)
try:
    run.log("wrong", [1, 2])
except UserErrorException:
    pass
else:
    raise AssertionError("a list was logged as a value")

# A process that the script starts logs to the same run.
code = "from azureml.core import Run; Run.get_context().log('from below', 7)"
subprocess.run([sys.executable, "-c", code], check=True)

run.parent.log("best", 0.5)
run.flush()
metrics = run.get_metrics()
assert metrics["loss"] == [1.5, 0.5], metrics
assert metrics["row"] == {"x": [1, 2], "y": [2.5, 3.5]}, metrics
assert run.get_metrics("text") == {"text": "good"}
assert "best" in run.parent.get_metrics()
