"""Tags, properties, files, runs below this one and above it."""

import os

from azureml.core import Run
from azureml.exceptions import UserErrorException

run = Run.get_context()
assert run.name == "label_and_keep", run.name
assert run.id == os.environ["AZUREML_RUN_ID"]
assert run.parent.id == os.environ["AZUREML_ROOT_RUN_ID"]
assert run.experiment.name == "in-jobs"
assert run.experiment.workspace.name == "acceptance"
assert run.get_status() == "Running", run.get_status()
assert run.get_details()["runId"] == run.id

run.tag("kind", "tree")
run.tag("alone")
run.set_tags({"depth": 3})
run.add_properties({"made by": "hand"})
tags, properties = run.get_tags(), run.get_properties()
assert tags["kind"] == "tree" and tags["depth"] == "3" and tags["alone"] is None, tags
assert properties["made by"] == "hand", properties
run.parent.tag("from below", run.name)

os.makedirs("outputs/deep", exist_ok=True)
os.makedirs("report", exist_ok=True)
for name in ("outputs/deep/model.txt", "report/page.txt", "note.txt"):
    with open(name, "w", encoding="utf-8") as stream:
        stream.write("wörds of " + name)
run.upload_file("kept/note.txt", "note.txt")
run.upload_files(["kept/other.txt"], ["report/page.txt"])
run.upload_folder("folder", "report")
try:
    run.upload_file("kept/note.txt", "note.txt")
except UserErrorException:
    pass
else:
    raise AssertionError("a name was taken twice")

with run.child_run(name="fold") as fold:
    fold.log("accuracy", 0.75)
    fold.tag("number", 1)
assert fold.get_status() == "Completed"
try:
    with run.child_run(name="broken") as broken:
        raise ValueError("on purpose")
except ValueError:
    assert broken.get_status() == "Failed"
assert sorted(child.name for child in run.get_children()) == ["broken", "fold"]
assert [child.get_metrics() for child in run.get_children(tags={"number": 1})] == [{"accuracy": 0.75}]
