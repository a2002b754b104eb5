"""Runs as people use them: logged by hand, scripts submitted alone, runs below runs, experiments that are put away."""

from __future__ import annotations

import pathlib
import signal
import subprocess
import sys
import time
import zipfile

import pytest
from tests.acceptance.pages import Project, answer

IMPORTS = """
import json, os
from azureml.core import Dataset, Environment, Experiment, Run, ScriptRunConfig, Workspace
from azureml.core.runconfig import MpiConfiguration
from azureml.data import OutputFileDatasetConfig
from azureml.exceptions import AzureMLException, ActivityFailedException, UserErrorException

ws = Workspace.from_config()
"""


def test_training_by_hand(project: Project) -> None:
    """A notebook's way: begin a run, log what comes, look at it again."""
    project.write("by-hand/notes.txt", "what was tried")
    text = """
import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt
from sklearn.datasets import load_diabetes
from sklearn.linear_model import Ridge
from sklearn.metrics import mean_squared_error
from sklearn.model_selection import train_test_split
import joblib

experiment = Experiment(workspace=ws, name="by-hand")
X, y = load_diabetes(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
for alpha in (0.1, 1.0):
    run = experiment.start_logging(snapshot_directory="by-hand", display_name=f"ridge {alpha}")
    model = Ridge(alpha=alpha).fit(X_train, y_train)
    predicted = model.predict(X_test)
    run.log("alpha", alpha)
    run.log("mse", mean_squared_error(y_test, predicted))
    run.log_list("coefficients", list(model.coef_))
    run.log_row("split", train=len(X_train), test=len(X_test))
    run.log_table("sizes", {"name": ["a", "b"], "n": [1, 2]})
    plt.figure()
    plt.plot(y_test, predicted, ".")
    run.log_image("fit", plot=plt)
    run.log_predictions("predictions", {"schema_type": "predictions", "schema_version": "1.0.0",
                        "data": {"bin_averages": predicted[:3], "bin_errors": [0.1, 0.2, 0.3]}})
    joblib.dump(model, "model.pkl")
    run.upload_file("outputs/model.pkl", "model.pkl")
    run.tag("kind", "ridge")
    run.add_properties({"author": "me"})
    run.complete()
found = {r.display_name: r for r in experiment.get_runs(tags={"kind": "ridge"})}
best = min(found.values(), key=lambda r: r.get_metrics()["mse"])
try:
    best.add_properties({"author": "you"})
except AzureMLException as error:
    refused = error.message
best.download_file("outputs/model.pkl", "downloaded/best.pkl")
best.download_files(prefix="fit", output_directory="downloaded")
again = joblib.load("downloaded/best.pkl")
archive = Run.get(ws, best.id).restore_snapshot(path="downloaded")
metrics = best.get_metrics()
print(json.dumps({
    "names": sorted(found), "best": best.display_name, "status": best.get_status(), "type": best.type,
    "same": bool((again.predict(X_test) == Ridge(alpha=metrics["alpha"]).fit(X_train, y_train).predict(X_test)).all()),
    "metrics": {k: v if not isinstance(v, list) else len(v) for k, v in metrics.items()},
    "files": best.get_file_names(),
    "refused": refused, "archive": archive, "downloaded": sorted(os.listdir("downloaded")),
    "details": best.get_details(), "populated": best.get_metrics("predictions", populate=True),
}))
"""
    found = answer(project.run("by_hand.py", IMPORTS + text))
    assert found["names"] == ["ridge 0.1", "ridge 1.0"]
    assert (found["status"], found["type"], found["same"]) == ("Completed", "azureml.interactive", True)
    assert found["metrics"]["coefficients"] == 10
    assert found["metrics"]["split"] == {"train": 331, "test": 111}
    assert found["metrics"]["sizes"] == {"name": ["a", "b"], "n": [1, 2]}
    run_id = found["details"]["runId"]
    for name, suffix in (("fit", ".png"), ("predictions", ".json")):
        address = found["metrics"][name]
        assert address.startswith(f"aml://artifactId/ExperimentRun/dcid.{run_id}/{name}_")
        assert address.endswith(suffix)
        assert address.rpartition("/")[2] in found["files"]
    assert found["populated"]["predictions"]["data"]["bin_errors"] == [0.1, 0.2, 0.3]
    assert any(name.endswith(".png") for name in found["downloaded"])
    assert "author" in found["refused"]
    with zipfile.ZipFile(found["archive"]) as archive:
        assert archive.read("notes.txt") == b"what was tried"
    assert found["details"]["properties"]["author"] == "me"
    assert found["details"]["startTimeUtc"] < found["details"]["endTimeUtc"]


def test_runs_below_a_run(project: Project) -> None:
    text = """
experiment = Experiment(ws, "folds")
with experiment.start_logging(snapshot_directory=None) as run:
    for child in run.create_children(tag_key="fold", tag_values=["a", "b"]):
        assert child.get_status() == "NotStarted"
        child.start()
        child.log("accuracy", 0.9)
        child.parent.log("folds done", child.tags["fold"])
        child.complete()
    try:
        with run.child_run("breaks", outputs="left") as broken:
            os.makedirs("left")
            open("left/why.txt", "w").write("because")
            raise ValueError("on purpose")
    except ValueError:
        pass
    waiting = run.create_children(count=1)[0]
    for wrong in ({}, {"count": 2, "tag_key": "k", "tag_values": [1]}, {"count": 101}):
        try:
            run.create_children(**wrong)
            raise SystemExit(f"{wrong} was accepted")
        except UserErrorException:
            pass
broken.complete  # it has failed, and stays so
try:
    broken.complete()
except UserErrorException as error:
    print("REFUSED", error.message)
everything = run.get_metrics(recursive=True)
print(json.dumps({"children": [[c.name, c.status, c.tags] for c in run.get_children() if c.id != waiting.id],
                  "metrics": sorted(everything.values(), key=str), "status": run.status,
                  "files": broken.get_file_names(), "error": broken.get_detailed_status()["details"]}))
"""
    printed = project.run("folds.py", IMPORTS + text)
    found = answer(printed)
    assert found["status"] == "Completed"
    assert [(status, tags) for _, status, tags in found["children"]] == [
        ("Completed", {"fold": "a"}),
        ("Completed", {"fold": "b"}),
        ("Failed", {}),
    ]
    assert found["metrics"] == [{"accuracy": 0.9}, {"accuracy": 0.9}, {"folds done": ["a", "b"]}]
    assert found["files"] == ["left/why.txt"]
    assert found["error"] == ["ValueError: on purpose"]
    assert "is Failed already" in printed


def test_a_program_that_dies_leaves_no_run_that_runs(project: Project) -> None:
    code = (
        IMPORTS
        + """
run = Experiment(ws, "dies").start_logging(snapshot_directory=None)
waiting = run.create_children(count=1)[0]
print(run.id, waiting.id, flush=True)
import time
time.sleep(600)
"""
    )
    project.write("dies.py", code)
    with subprocess.Popen(
        [sys.executable, "-m", "azud.cli", "run", "dies.py"],
        cwd=project.folder,
        env=project.env,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as program:
        run_id, waiting_id = program.stdout.readline().split()
        import os

        os.killpg(program.pid, signal.SIGKILL)
    look = (
        IMPORTS
        + f"""
import time
for _ in range(600):
    states = [Run.get(ws, name).status for name in ("{run_id}", "{waiting_id}")]
    if states == ["Failed", "Canceled"]:
        break
    time.sleep(0.1)
print(json.dumps({{"states": states, "why": Run.get(ws, "{run_id}").get_detailed_status()["details"]}}))
"""
    )
    found = answer(project.run("look.py", look))
    assert found["states"] == ["Failed", "Canceled"]
    assert "ended without ending it" in found["why"][0]


@pytest.fixture
def training(project: Project) -> pathlib.Path:
    code = """
import argparse, os
from azureml.core import Run

run = Run.get_context()
parser = argparse.ArgumentParser()
parser.add_argument("--rate", type=float)
parser.add_argument("--data")
parser.add_argument("--out")
args = parser.parse_args()
run.log("rate", args.rate)
run.log_residuals("residuals", '{"schema_type": "residuals", "schema_version": "1.0.0", "data": {"bin_edges": [0, 1]}}')
run.tag("seen", ",".join(sorted(os.listdir(args.data))) if args.data else "nothing")
with run.child_run("inner") as inner:
    inner.log("depth", 1)
assert run.experiment.name == "scripts"
if args.out:
    open(os.path.join(args.out, "result.csv"), "w").write("x\\n1\\n")
os.makedirs("outputs", exist_ok=True)
open("outputs/model.txt", "w").write(run.id)
"""
    project.write("scripts/train.py", code)
    return project.folder / "scripts" / "train.py"


def test_a_script_is_a_run_of_its_own(project: Project, training: pathlib.Path) -> None:
    project.write("numbers/a.txt", "1")
    text = """
store = ws.get_default_datastore()
store.upload("numbers", "numbers", overwrite=True, show_progress=False)
dataset = Dataset.File.from_files((store, "numbers"))
out = OutputFileDatasetConfig(name="out", destination=(store, "made/{run-id}"))
source = ScriptRunConfig(source_directory="scripts", script="train.py",
                         arguments=["--rate", 0.5, "--data", dataset.as_named_input("numbers").as_mount(),
                                    "--out", out],
                         environment=Environment("plain"))
run = Experiment(ws, "scripts").submit(source, tags={"by": "test"})
details = run.wait_for_completion(show_output=True)
again = Run.get(ws, run.id)
inputs, outputs = details["inputDatasets"], details["outputDatasets"]
print(json.dumps({
    "id": run.id, "type": run.type, "status": again.get_status(), "metrics": again.get_metrics(),
    "tags": again.get_tags(),
    "files": again.get_file_names(), "children": [[c.name, c.get_metrics()] for c in again.get_children()],
    "log": again.get_details_with_logs()["logFiles"]["user_logs/std_log.txt"],
    "inputs": [[i["consumptionDetails"]["inputName"], i["dataset"].to_path()] for i in inputs],
    "outputs": [o["dataset"].to_path() for o in outputs],
    "definition": details["runDefinition"]["script"], "environment": again.get_environment().name,
    "listed": [r.id for r in Experiment(ws, "scripts").get_runs(type="azureml.scriptrun", tags="by")],
}))
"""
    printed = project.run("script_run.py", IMPORTS + text)
    found = answer(printed)
    assert found["id"].startswith("scripts_")
    assert f"RunId: {found['id']}" in printed
    assert "StepRun" not in printed
    assert (found["type"], found["status"]) == ("azureml.scriptrun", "Completed")
    assert found["metrics"]["rate"] == 0.5
    assert found["tags"] == {"by": "test", "seen": "a.txt"}
    assert {"outputs/model.txt", "azureml-logs/70_driver_log.txt"} <= set(found["files"])
    assert found["children"] == [["inner", {"depth": 1}]]
    assert found["inputs"] == [["numbers", ["/a.txt"]]]
    assert found["outputs"] == [["/result.csv"]]
    assert (found["definition"], found["environment"]) == ("train.py", "plain")
    assert found["listed"] == [found["id"]]


def test_a_command_and_what_is_refused(project: Project, training: pathlib.Path) -> None:
    text = """
experiment = Experiment(ws, "scripts")
quoted = experiment.submit(ScriptRunConfig(source_directory="scripts", command=["echo", "a b; c", "$HOME"]))
quoted.wait_for_completion()
line = "python train.py --rate 2 && echo $AZUREML_RUN_ID"
plain = experiment.submit(ScriptRunConfig(source_directory="scripts", command=line))
plain.wait_for_completion()
try:
    experiment.submit(ScriptRunConfig(source_directory="scripts", command="exit 3")).wait_for_completion()
except ActivityFailedException as error:
    print("FAILED", error.message)
several = MpiConfiguration(2, 2)
for wrong in (dict(script="missing.py"), dict(), dict(script="train.py", distributed_job_config=several)):
    try:
        experiment.submit(ScriptRunConfig(source_directory="scripts", **wrong))
    except (UserErrorException, ValueError, NotImplementedError) as error:
        print("REFUSED", type(error).__name__, error)
with experiment.start_logging(snapshot_directory=None) as above:
    below = above.submit_child(ScriptRunConfig(source_directory="scripts", script="train.py", arguments=["--rate", 1]))
    below.wait_for_completion()
print(json.dumps({"plain": plain.get_metrics()["rate"], "log": plain.get_details_with_logs()["logFiles"],
                  "id": plain.id, "quoted": quoted.get_details_with_logs()["logFiles"]["user_logs/std_log.txt"],
                  "below": [c.id for c in above.get_children()] == [below.id], "parent": below.parent.id == above.id}))
"""
    printed = project.run("commands.py", IMPORTS + text)
    found = answer(printed)
    assert found["plain"] == 2
    assert found["id"] in found["log"]["user_logs/std_log.txt"]
    assert found["quoted"] == "a b; c $HOME\n", "words after the first are arguments, not shell"
    assert printed.count("REFUSED") == 3
    assert "MpiConfiguration" in printed
    assert "exit code: 3" in printed
    assert found["below"]
    assert found["parent"]


def test_experiments_are_put_away_and_taken_back(project: Project) -> None:
    text = """
kept = Experiment(ws, "kept")
kept.tag("area", "test")
with kept.start_logging(snapshot_directory=None):
    pass
empty = Experiment(ws, "empty")
empty.archive()
names = lambda **how: sorted(e.name for e in Experiment.list(ws, **how))
shown, hidden = names(), names(view_type="ArchivedOnly")
everything = names(view_type="All")
when = Experiment.list(ws, "empty", view_type="All")[0].archived_time
empty.reactivate()
tagged = names(tags={"area": "test"})
Experiment.delete(ws, empty.id)
try:
    Experiment.delete(ws, kept.id)
except UserErrorException as error:
    refused = error.message
print(json.dumps({"shown": shown, "hidden": hidden, "all": everything, "when": when, "tagged": tagged,
                  "after": names(), "refused": refused}))
"""
    found = answer(project.run("experiments.py", IMPORTS + text))
    assert "empty" not in found["shown"]
    assert found["hidden"] == ["empty"]
    assert {"empty", "kept"} <= set(found["all"])
    assert found["when"] is not None
    assert found["tagged"] == ["kept"]
    assert "empty" not in found["after"]
    assert "has runs" in found["refused"]


def test_lists_come_page_by_page(project: Project) -> None:
    """More runs than one page has, of both kinds, newest first, none twice."""
    text = """
experiment = Experiment(ws, "many")
begun = [experiment.start_logging(snapshot_directory=None, display_name=str(n)) for n in range(230)]
for run in begun:
    run.complete()
runs = experiment.get_runs()
first = next(runs).name
names = [first, *(run.name for run in runs)]
print(json.dumps({"names": names}))
"""
    started = time.monotonic()
    found = answer(project.run("many.py", IMPORTS + text))
    assert found["names"] == [str(n) for n in reversed(range(230))], time.monotonic() - started
