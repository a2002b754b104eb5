"""Metrics in v1's shapes, runs through the API, offline runs, a job's own run."""

from __future__ import annotations

import io
import json
import math
from pathlib import Path
from typing import Any

import pytest
from tests.unit.sdk.fakes import FakeWorkspace

from azud.job.spool import read_records
from azud.sdk import context, metrics
from azud.sdk.exceptions import (
    ActivityFailedException,
    AzureMLException,
    RunEnvironmentException,
    UserErrorException,
)
from azud.sdk.experiment import Experiment
from azud.sdk.offline_run import _OfflineRun
from azud.sdk.pipeline_run import PipelineRun, StepRun
from azud.sdk.run import Run, run_of_record


def point(name: str, kind: str, value: Any) -> dict[str, Any]:
    return {"name": name, "kind": kind, "value": value}


def test_shapes() -> None:
    points = [
        point("once", "scalar", 1),
        point("twice", "scalar", 1.5),
        point("twice", "scalar", 2.5),
        point("list", "list", [1, 2]),
        point("list", "list", [3]),
        point("row", "row", {"a": 1, "b": 2}),
        point("rows", "row", {"a": 1}),
        point("rows", "row", {"a": 2, "b": 3}),
        point("table", "table", {"a": [1, 2]}),
        point("table", "table", {"a": [3]}),
        point("image", "image", "aml://artifactId/x"),
        point("nan", "scalar", {"$float": "nan"}),
    ]
    found = metrics.fold(points)
    assert math.isnan(found.pop("nan"))
    assert found == {
        "once": 1,
        "twice": [1.5, 2.5],
        "list": [1, 2, 3],
        "row": {"a": 1, "b": 2},
        "rows": {"a": [1, 2], "b": [None, 3]},
        "table": {"a": [1, 2, 3]},
        "image": "aml://artifactId/x",
    }
    assert metrics.fold(points, "once") == {"once": 1}


def test_values(capsys: pytest.CaptureFixture[str]) -> None:
    import numpy

    assert metrics.scalar("m", numpy.float64(0.5)) == 0.5
    assert type(metrics.scalar("m", numpy.float32(0.5))) is float
    assert metrics.scalar("m", numpy.int64(3)) == 3
    assert metrics.scalar("m", numpy.array([7])) == 7
    assert metrics.scalar("m", numpy.bool_(True)) is True
    assert [metrics.scalar("m", value) for value in (1, 1.5, "x", None, False)] == [1, 1.5, "x", None, False]
    assert metrics.scalar("m", 2**63) == repr(2**63)
    assert metrics.scalar("m", {1}) == "{1}"
    assert "is logged as text" in capsys.readouterr().err
    for value in ([1], range(2), (item for item in [1])):
        with pytest.raises(UserErrorException, match="log_list"):
            metrics.scalar_to_log("m", value)
    with pytest.raises(AzureMLException):
        metrics.list_to_log("m", [[1]])
    with pytest.raises(AzureMLException):
        metrics.row_to_log("m", {"a": [1]})
    with pytest.raises(AzureMLException):
        metrics.table_to_log("m", {"a": [1], "b": [1, 2]})
    assert metrics.table_to_log("m", {"a": [1], "b": 2}) == {"a": [1], "b": [2]}


# Runs through the API


def record(run_id: str = "r1", **changes: Any) -> dict[str, Any]:
    return {
        "id": run_id,
        "type": "azureml.PipelineRun",
        "experiment": "e",
        "status": "Completed",
        "name": "",
        "number": 4,
        "parent_id": None,
        "node_id": None,
        "tags": {"a": "b"},
        "properties": {"p": "q"},
        "started_at": "s",
        "ended_at": "t",
        "error": None,
        "warnings": [],
        "compute": None,
        **changes,
    }


def step_record(**changes: Any) -> dict[str, Any]:
    return record("s1", **{"type": "azureml.StepRun", "parent_id": "r1", "node_id": "n1", "name": "train", **changes})


@pytest.fixture
def run(workspace: FakeWorkspace) -> PipelineRun:
    answers = workspace._api.answers
    answers["/runs/r1"] = record()
    answers["/runs/s1"] = step_record()
    answers["/runs/r1/steps"] = answers["/runs/r1/children"] = [step_record()]
    answers["/runs/r1/metrics"] = {"points": [point("own", "scalar", 1)]}
    answers["/runs/s1/metrics"] = {"points": [point("acc", "scalar", 0.5)]}
    answers["/runs/r1/files"] = []
    answers["/runs/s1/files"] = [{"path": "azureml-logs/70_driver_log.txt"}, {"path": "outputs/model.pkl"}]
    return PipelineRun(Experiment(workspace, "e"), "r1")  # type: ignore[arg-type]


def test_a_pipeline_run(run: PipelineRun, workspace: FakeWorkspace) -> None:
    assert (run.status, run.get_status(), run.number, run.type) == ("Completed", "Finished", 4, "azureml.PipelineRun")
    (step,) = run.get_steps()
    assert isinstance(step, StepRun)
    assert (step.name, step.pipeline_run_id, step.parent.id) == ("train", "r1", "r1")
    assert [found.id for found in run.find_step_run("train")] == ["s1"]
    assert run.find_step_run("other") == []
    assert run.get_metrics() == {"own": 1}
    assert run.get_metrics(recursive=True) == {"r1": {"own": 1}, "s1": {"acc": 0.5}}
    assert run.get_tags() == {"a": "b"}
    assert run.parent is None
    run.tag("x")
    run.set_tags({"y": 1})
    run.add_properties({"z": 2})
    run.remove_tags({"a": "b", "other": "c"})
    assert [body for _, path, body in workspace._api.sent if path == "/runs/r1"] == [
        {"set_tags": {"x": None}},
        {"set_tags": {"y": "1"}},
        {"add_properties": {"z": "2"}},
        {"remove_tags": ["a"]},
    ]
    for refused in (run.complete, run.fail, run.child_run):
        with pytest.raises(NotImplementedError):
            refused()


def test_details(run: PipelineRun, workspace: FakeWorkspace) -> None:
    workspace._api.answers["/runs/r1/definition"] = {
        "steps": [
            {
                "id": "n1",
                "inputs": [
                    {"kind": "dataset", "name": "x", "mode": "mount", "dataset_name": "d", "dataset_version": 2}
                ],
                "outputs": [{"kind": "reference", "name": "o", "mode": "mount"}],
                "script": "train.py",
                "arguments": [{"kind": "literal", "value": "--n"}, {"kind": "parameter", "value": "n"}],
                "settings": {
                    "framework": "Python",
                    "communicator": "None",
                    "node_count": 1,
                    "environment": {},
                    "environment_variables": {},
                },
            }
        ]
    }
    dataset = {"name": "d", "version": 2, "definition": {"type": "file", "locations": []}}
    workspace._api.answers["/datasets/registered/d"] = dataset
    workspace._api.answers["/runs/s1/outputs"] = []
    (step,) = run.get_steps()
    details = step.get_details()
    assert details["runId"] == "s1"
    assert details["endTimeUtc"] == "t"
    assert list(details["logFiles"]) == ["azureml-logs/70_driver_log.txt"]
    (given,) = details["inputDatasets"]
    assert (given["dataset"].name, given["dataset"].version) == ("d", 2)
    assert given["consumptionDetails"]["inputName"] == "x"
    assert given["consumptionDetails"]["mechanism"] == "Mount"
    assert details["runDefinition"]["arguments"] == ["--n", "parameter:n"]
    assert details["outputDatasets"] == []


def test_outputs(run: PipelineRun, workspace: FakeWorkspace, tmp_path: Path) -> None:
    (workspace.root / "azureml/s1/out").mkdir(parents=True)
    (workspace.root / "azureml/s1/out/x.txt").write_text("x")
    output = {
        "name": "out",
        "datastore": "workspaceblobstore",
        "path": "azureml/s1/out",
        "pipeline_output_name": "result",
    }
    workspace._api.answers["/runs/s1/outputs"] = workspace._api.answers["/runs/r1/outputs"] = [output]
    (step,) = run.get_steps()
    data = step.get_output_data("out")
    assert data.download(str(tmp_path / "down"), show_progress=False) == 1
    assert (tmp_path / "down/azureml/s1/out/x.txt").read_text() == "x"
    assert data.download(str(tmp_path / "down"), show_progress=False) == 0
    assert run.get_pipeline_output("result").path_on_datastore == "azureml/s1/out"
    assert data.as_mount("again").bind_object is data
    with pytest.raises(UserErrorException, match="no output 'other'"):
        step.get_output("other")
    with pytest.raises(UserErrorException, match="no output 'other'"):
        run.get_pipeline_output("other")


def test_waiting_prints_what_happens(
    run: PipelineRun, workspace: FakeWorkspace, capsys: pytest.CaptureFixture[str]
) -> None:
    error = {
        "message": "step train failed",
        "code": "step_failed",
        "exit_code": 3,
        "traceback_tail": ["ValueError: no"],
        "log": "azureml-logs/70_driver_log.txt",
        "step": "train",
    }
    workspace._api.answers["/runs/r1"] = record(status="Failed", error=error, warnings=["careful"])
    log = b"line one\nline two\n"

    class Raw:
        def download(self, path: str, query: dict[str, int]) -> Any:
            yield log[query["offset"] :]

    workspace._api.client = Raw()  # type: ignore[attr-defined]
    attempt = {"step": "n1", "attempt": "s1-1"}
    batches = [
        {"events": [{"seq": 1, "type": "AttemptStarted", **attempt}], "status": "Running"},
        {"events": [{"seq": 2, "type": "AttemptEnded", **attempt, "outcome": "failed"}], "status": "Running"},
        {"events": [{"seq": 3, "type": "RunEnded"}], "status": "Failed"},
    ]
    asked = []

    def events(query: dict[str, Any]) -> Any:
        asked.append(query["after"])
        return batches.pop(0)

    workspace._api.answers["/runs/r1/events"] = events
    with pytest.raises(ActivityFailedException) as caught:
        run.wait_for_completion()
    printed = capsys.readouterr().out
    assert asked == [-1, 1, 2]
    for text in (
        "PipelineRunId: r1",
        "StepRun( train ) Status: Running",
        "line one\nline two\nStepRun( train ) Status: Failed",
        "ValueError: no",
        "Exit code: 3",
        "Warning: careful",
        "PipelineRun Status: Failed",
    ):
        assert text in printed
    assert printed.count("line one") == 1
    details = json.loads(caught.value.message)["error"]
    assert "ValueError: no" in details["message"]
    workspace._api.answers["/runs/r1/end"] = {"status": "Failed", "terminal": True}
    assert run.wait_for_completion(show_output=False, raise_on_error=False) == "Failed"


def test_a_wait_that_is_too_long(run: PipelineRun, workspace: FakeWorkspace) -> None:
    workspace._api.answers["/runs/r1"] = record(status="Running")
    workspace._api.answers["/runs/r1/end"] = {"status": "Running", "terminal": False}
    assert run.wait_for_completion(show_output=False, timeout_seconds=0.01) == "Running"


def test_a_wait_that_is_interrupted(
    run: PipelineRun, workspace: FakeWorkspace, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(query: Any) -> Any:
        raise KeyboardInterrupt

    workspace._api.answers["/runs/r1/end"] = interrupt
    with pytest.raises(AzureMLException, match="the run itself goes on"):
        run.wait_for_completion(show_output=False)
    assert "azud runs cancel r1" in capsys.readouterr().out


def test_runs_of_an_experiment(run: PipelineRun, workspace: FakeWorkspace) -> None:
    workspace._api.answers["/runs"] = [record("r2", tags={"a": "c"}), record("r1")]
    experiment = run.experiment
    assert [found.id for found in experiment.get_runs()] == ["r2", "r1"]
    assert [found.id for found in experiment.get_runs(tags={"a": "b"})] == ["r1"]
    assert [found.id for found in experiment.get_runs(tags="a", properties={"p": "other"})] == []
    assert [found.id for found in Run.list(experiment, status="Failed")] == []
    assert isinstance(run_of_record(experiment, step_record()), StepRun)
    assert Run.get(workspace, "s1").name == "train"  # type: ignore[arg-type]
    with pytest.raises(UserErrorException, match="not valid"):
        Experiment(workspace, "-x")  # type: ignore[arg-type]


# Offline


def test_offline(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AZUD_ATTEMPT_DIR", raising=False)
    run = Run.get_context()
    assert isinstance(run, _OfflineRun) and not isinstance(run, Run)
    assert run.id.startswith("OfflineRun_")
    with run:
        run.log("a", 1)
        run.log("a", [1, 2])
        run.log_row("row", x=1)
        run.tag("k", "v")
        run.child_run().complete()
    assert "Attempted to log scalar metric a:\n1\n" in capsys.readouterr().out
    for name in ("experiment", "parent", "get_metrics", "input_datasets", "get_details", "status", "tags"):
        assert not hasattr(run, name), name
    with pytest.raises(TypeError):
        run.log("a", 1, step=1)
    with pytest.raises(RunEnvironmentException):
        Run.get_context(allow_offline=False)


# In a job


@pytest.fixture
def attempt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "attempt"
    (folder / "artifacts").mkdir(parents=True)
    for name, value in {
        "AZUD_ATTEMPT_DIR": str(folder),
        "AZUD_ENDPOINT": f"unix:{tmp_path}/none",
        "AZUREML_RUN_ID": "s1",
        "AZUREML_ROOT_RUN_ID": "r1",
        "AZUREML_ARM_SUBSCRIPTION": "s",
        "AZUREML_ARM_RESOURCEGROUP": "g",
        "AZUREML_ARM_WORKSPACE_NAME": "w",
        "AZUREML_ARM_PROJECT_NAME": "e",
        "AZUREML_RUN_TOKEN": "t",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(context, "_current", {})
    return folder


def test_a_jobs_own_run_needs_no_server(attempt: Path) -> None:
    run = Run.get_context()
    assert run is Run.get_context()
    assert (run.id, run.experiment.name, run.experiment.workspace.name, run.parent.id) == ("s1", "e", "w", "r1")
    run.log("a", 1, step=3)
    run.log("a", math.nan)
    run.log_list("l", [1, 2])
    run.log_row("r", x=1)
    run.log_table("t", {"x": [1]})
    run.tag("k")
    run.add_properties({"p": 1})
    run.upload_file("outputs/note.txt", io.BytesIO(b"note"))
    run.complete()
    run.flush()
    records, _ = read_records(str(attempt / "metrics.jsonl"), 0)
    assert [(item["t"], item.get("kind")) for item in records] == [
        ("metric", "scalar"),
        ("metric", "scalar"),
        ("metric", "list"),
        ("metric", "row"),
        ("metric", "table"),
        ("tag", None),
        ("property", None),
    ]
    assert records[0]["step"] == 3
    assert (attempt / "artifacts/outputs/note.txt").read_bytes() == b"note"
    with pytest.raises(UserErrorException, match="already has a file"):
        run.upload_file("outputs/note.txt", io.BytesIO(b"other"))
    with pytest.raises(UserErrorException):
        run.upload_file("../../escape", io.BytesIO(b"x"))


def test_images(attempt: Path, tmp_path: Path) -> None:
    (tmp_path / "plot.png").write_bytes(b"png")

    class Plot:
        def savefig(self, path: str, format: str) -> None:
            Path(path).write_bytes(format.encode())

    run = Run.get_context()
    run.log_image("chart one", path=str(tmp_path / "plot.png"))
    run.log_image("chart", plot=Plot())
    with pytest.raises(UserErrorException, match="one of them"):
        run.log_image("chart")
    records, _ = read_records(str(attempt / "metrics.jsonl"), 0)
    assert records[0]["value"].startswith("aml://artifactId/ExperimentRun/dcid.s1/chart_one_")
    assert sorted(path.read_bytes() for path in (attempt / "artifacts").iterdir()) == [b"png", b"png"]


def test_logging_never_fails_a_job(attempt: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (attempt / "metrics.jsonl").mkdir()
    Run.get_context().log("a", 1)
    assert "could not be kept" in capsys.readouterr().err


def test_input_datasets(attempt: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "iris.csv").write_text("a,b\n1,x\n")
    monkeypatch.setenv("AZUREML_DATASET_ENVIRONMENT_VARS", "rows:direct,files:mount")
    monkeypatch.setenv("files", "/some/where")
    definition = {
        "type": "tabular",
        "locations": [{"datastore": "d", "path": "iris.csv"}],
        "reader": {"format": "delimited", "separator": ","},
        "operations": [],
    }
    entry = {
        "id": "1",
        "name": "iris",
        "version": 2,
        "definition": definition,
        "paths": [[str(tmp_path / "iris.csv"), "iris.csv"]],
    }
    (attempt / "datasets.json").write_text(json.dumps({"rows": entry}))
    inputs = Run.get_context().input_datasets
    assert dict.fromkeys(inputs) == {"rows": None, "files": None}
    assert inputs["files"] == "/some/where"
    assert inputs["rows"].version == 2
    assert inputs["rows"].to_pandas_dataframe().to_dict("list") == {"a": [1], "b": ["x"]}
    with pytest.raises(KeyError):
        inputs["other"]
    with pytest.raises(UserErrorException, match="its inputs: rows, files"):
        inputs["other"]


def test_output_datasets(attempt: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZUREML_DATASET_FILE_OUTPUTS", "one;two")
    monkeypatch.setenv("one", "/1")
    monkeypatch.setenv("two", "/2")
    assert Run.get_context().output_datasets == {"one": "/1", "two": "/2"}
