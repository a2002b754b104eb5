"""Reads what the step before has written."""

import os
import sys

from azureml.core import Run

folder, table, rate = sys.argv[1:]
with open(os.path.join(folder, "count.txt"), encoding="utf-8") as stream:
    assert stream.read() == "2"
with open(os.path.join(table, "part.csv"), encoding="utf-8") as stream:
    assert stream.read() == "a,b\n1,2\n"
run = Run.get_context()
run.log("rate", float(rate))
run.parent.log("rate", float(rate))
