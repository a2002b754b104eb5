"""What docs/how-to/unattended-runs.md promises of `azud run` in CI: it stays until the program's runs have ended."""

from __future__ import annotations

import json
import pathlib
from collections.abc import Iterator

import pytest

from .pages import Reader

PIPELINE = """
from azureml.core import Experiment, Workspace
from azureml.pipeline.core import Pipeline
from azureml.pipeline.steps import PythonScriptStep

ws = Workspace.from_config()
step = PythonScriptStep("step.py", name="step", source_directory="steps", allow_reuse=False)
Experiment(ws, "unattended").submit(Pipeline(ws, steps=[step]))
"""


@pytest.fixture
def reader(tmp_path: pathlib.Path) -> Iterator[Reader]:
    reader = Reader(tmp_path)
    (tmp_path / "page" / "steps").mkdir()
    (tmp_path / "page" / "pipeline.py").write_text(PIPELINE)
    reader.run("azud init --name unattended")
    yield reader
    reader.leave()


@pytest.mark.parametrize(("script", "code", "status"), [("", 0, "Completed"), ("raise SystemExit(3)", 1, "Failed")])
@pytest.mark.parametrize("command", ["CI=true azud run", "azud run --wait"])
def test_it_stays_and_tells_how_the_runs_ended(
    reader: Reader, tmp_path: pathlib.Path, command: str, script: str, code: int, status: str
) -> None:
    (tmp_path / "page" / "steps" / "step.py").write_text(f"import time\ntime.sleep(1)\n{script}\n")
    printed = reader.run(f"{command} pipeline.py; test $? = {code}")
    assert f"step: {status} in " in printed, printed
    assert json.loads(reader.run("azud runs show --json"))["run"]["status"] == status


def test_without_waiting_the_run_goes_on_by_itself(reader: Reader, tmp_path: pathlib.Path) -> None:
    (tmp_path / "page" / "steps" / "step.py").write_text("import time\ntime.sleep(2)\n")
    reader.run("CI=true azud run --no-wait pipeline.py")
    assert json.loads(reader.run("azud runs show --json"))["run"]["status"] in ("NotStarted", "Running")
    reader.run("azud runs wait")
