"""Submits every script of src to run as a step, and looks at what the steps have left."""

import os
import sys

from azureml.core import Dataset, Environment, Experiment, Model, RunConfiguration, Workspace
from azureml.data import OutputFileDatasetConfig
from azureml.pipeline.core import Pipeline, PipelineData, PipelineParameter, PipelineRun
from azureml.pipeline.steps import PythonScriptStep

version = "{}.{}".format(*sys.version_info)
os.environ["SET_WHERE_IT_WAS_SUBMITTED"] = "1"
ws = Workspace.from_config()
store = ws.get_default_datastore()
store.upload("data", target_path="data", overwrite=True, show_progress=False)
flowers = Dataset.Tabular.from_delimited_files((store, "data/flowers.csv"))
flowers = flowers.register(ws, "flowers", create_new_version=True)
pictures = Dataset.File.from_files((store, "data/pictures")).register(ws, "pictures", create_new_version=True)


def step(script, *arguments, **options):
    """Return a step that always runs."""
    name = options.pop("name", script[:-3])
    return PythonScriptStep(
        script, name=name, arguments=list(arguments), source_directory="src", allow_reuse=False, **options
    )


with_variables = RunConfiguration()
with_variables.environment_variables = {"EXPECTED_VERSION": version}
with_environment = RunConfiguration()
with_environment.environment = Environment("as-submitted")
rate = PipelineParameter("rate", 0.1)
folder = PipelineData("folder", datastore=store)
table = OutputFileDatasetConfig(name="table", destination=(store, "tables/{run-id}")).register_on_complete("tables")
mounted = pictures.as_named_input("mounted").as_mount()
downloaded = pictures.as_named_input("downloaded").as_download()
steps = [
    step("log_metrics.py"),
    step("label_and_keep.py"),
    step(
        "read_data.py",
        *("--mounted", mounted, "--downloaded", downloaded, "--folder", folder, "--table", table),
        inputs=[flowers.as_named_input("flowers")],
        outputs=[folder],
    ),
    step("use_outputs.py", folder, table.as_input("table"), rate, inputs=[folder]),
    step("keep_models.py"),
    step("make_objects.py", runconfig=with_environment),
    step(
        "look_around.py",
        *("--text", "a b", "ü", "--number", 3, "--rate", rate),
        runconfig=with_variables,
        params={"depth": 4},
    ),
    step("exits.py", "0", name="exits well"),
    step("exits.py", "3", name="exits with 3"),
    step("exits.py", "raise", name="raises"),
    step("exits.py", "kill", name="is killed"),
]
run = Experiment(ws, "in-jobs").submit(
    Pipeline(ws, steps), tags={"python": version}, pipeline_parameters={"rate": 0.25}, continue_on_step_failure=True
)
assert run.wait_for_completion(show_output=False, raise_on_error=False) == "Failed"

run = PipelineRun.get(ws, run.id)
found = {step.name: step for step in run.get_steps()}
expected = {each.name: "Finished" for each in steps}
expected.update({"exits with 3": "Failed", "raises": "Failed", "is killed": "Failed"})
states = {name: step.get_status() for name, step in found.items()}
for name in states:
    if states[name] != expected[name]:
        print(name, found[name].get_job_log(), found[name].get_details().get("error"), sep="\n", file=sys.stderr)
assert states == expected, states

logged = found["log_metrics"].get_metrics()
assert logged["by step"] == [0, 2, 4] and logged["text"] == "good" and logged["truth"] is True, logged
assert logged["list"] == [1, 2, 3] and logged["table"] == {"a": [1, 2], "b": [3, 4]}, logged
assert logged["from below"] == 7 and {"plot", "file", "confusion", "residuals"} <= set(logged), logged
assert run.get_metrics() == {"best": 0.5, "rate": 0.25}, run.get_metrics()
labelled = found["label_and_keep"]
assert labelled.tags["kind"] == "tree" and labelled.properties["made by"] == "hand", labelled.tags
assert run.get_tags() == {"python": version, "from below": "label_and_keep"}, run.get_tags()
files = {"outputs/deep/model.txt", "kept/note.txt", "kept/other.txt", "folder/page.txt"}
assert files <= set(labelled.get_file_names()), labelled.get_file_names()
labelled.download_file("kept/note.txt", "downloaded-{}.txt".format(version))
with open("downloaded-{}.txt".format(version), encoding="utf-8") as stream:
    assert stream.read() == "wörds of note.txt"
assert Dataset.get_by_name(ws, "tables").to_path() == ["/part.csv"]
assert found["read_data"].get_output_data("folder").download("folders") == 1
assert Model(ws, "model-of-{}".format(version.replace(".", "-"))).run.id == found["keep_models"].id
assert "wörds on stdout" in found["look_around"].get_stdout_log()
for name, said in (("exits with 3", "3"), ("raises", "on purpose"), ("is killed", "SIGKILL")):
    error = str(found[name].get_details()["error"])
    assert said in error, (name, error)
print("all is well in", version)
