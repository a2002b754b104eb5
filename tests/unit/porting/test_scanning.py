"""`azud migrate scan` reads programs as people write them, and runs none of them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from azud.cli.entry import main
from azud.porting.coverage import DIFFERS, MISSING, WORKS
from azud.porting.scanning import Finding, Scan, scan


def _scan(folder: Path, program: str) -> dict[str, Finding]:
    (folder / "program.py").write_text(program)
    found = scan(str(folder))
    assert found.problems == ()
    return {finding.name: finding for finding in found.findings}


def _lines(finding: Finding) -> list[int]:
    return [place.line for place in finding.places]


def test_assignments_are_followed_to_the_members_that_are_used(tmp_path: Path) -> None:
    found = _scan(
        tmp_path,
        """\
import azureml.core
from azureml.core import Workspace as W, Experiment
from azureml.pipeline.core import Pipeline
from azureml.pipeline import steps

raise SystemExit("a scan runs nothing")
ws = alias = W.from_config()
env = alias.environments["a"]
env.docker.enabled = True
step = steps.PythonScriptStep("a.py", runconfig_pipeline_params={})
pipeline = Pipeline(workspace=ws, steps=[step, steps.AdlaStep()])
run = Experiment(ws, "e").submit(pipeline)
for step in run.get_steps():
    print(step.name)
for name, target in ws.compute_targets.items():
    target.scale_settings
published = run.publish_pipeline("a", "b", "1")
published.endpoint
print(azureml.core.VERSION)
""",
    )
    states = {name: finding.verdict.state for name, finding in found.items()}
    assert states["Workspace.from_config"] == states["Workspace.environments"] == states["StepRun.name"] == WORKS
    assert states["DockerSection.enabled"] == states["ComputeTarget.scale_settings"] == WORKS
    assert states["PipelineRun.get_steps"] == states["azureml.core.VERSION"] == WORKS
    assert states["azureml.pipeline.core.Pipeline"] == DIFFERS
    assert states["azureml.pipeline.steps.AdlaStep"] == states["PublishedPipeline.endpoint"] == MISSING
    assert states["PipelineRun.publish_pipeline"] == MISSING
    assert states["PythonScriptStep(runconfig_pipeline_params=)"] == MISSING
    assert _lines(found["Workspace.from_config"]) == [7]
    assert _lines(found["azureml.pipeline.core.Pipeline"]) == [3, 11]


def test_functions_classes_and_annotations_are_followed(tmp_path: Path) -> None:
    found = _scan(
        tmp_path,
        """\
from typing import Optional
from azureml.core import Datastore, Run, Workspace
from azureml.pipeline.core import PublishedPipeline
from azureml.train.hyperdrive import choice

def workspace():
    return Workspace.from_config()

def store(ws: Workspace, other: "Optional[PublishedPipeline]" = None) -> Datastore:
    if other:
        other.disable()
    return ws.get_default_datastore()

class Trainer:
    def log(self):
        self.run.log("a", 1)

    def __init__(self):
        self.run = Run.get_context()

def main():
    store(settings_ws).upload("a")
    with Run.get_context() as run:
        run.tag("x")
    newest = sorted([w for w in (workspace(),)])[0]
    newest.webservices
    choice(1, 2)

settings_ws = workspace()
""",
    )
    assert _lines(found["Workspace.get_default_datastore"]) == [12]
    assert _lines(found["Run.log"]) == [16] and _lines(found["Run.tag"]) == [24]
    assert _lines(found["AzureBlobDatastore.upload"]) == [22]
    assert found["PublishedPipeline.disable"].verdict.state == MISSING
    assert _lines(found["Workspace.webservices"]) == [26]
    assert _lines(found["azureml.train.hyperdrive.choice"]) == [4, 27]


def test_what_is_not_known_is_not_guessed(tmp_path: Path) -> None:
    found = _scan(
        tmp_path,
        """\
from azureml.core import Run

def f(ws, run):
    ws.publish()
    run.fail_me()

run = Run.get_context()
run = open("x")
run.read()
""",
    )
    assert set(found) == {"azureml.core.Run", "Run.get_context"}


def test_names_that_v1_never_had_are_told(tmp_path: Path) -> None:
    found = _scan(
        tmp_path,
        """\
import azureml.nothing
from azureml.core import Nothing, Workspace
from azureml.contrib.functions import package
Workspace.nothing()
package()
""",
    )
    assert {name: finding.verdict.state for name, finding in found.items()} == {
        "azureml.nothing": MISSING,
        "azureml.core.Nothing": MISSING,
        "Workspace.nothing": MISSING,
        "azureml.contrib.functions.package": MISSING,
        "azureml.core.Workspace": DIFFERS,
    }
    assert "no such public module" in found["azureml.nothing"].verdict.note
    assert "preview" in found["azureml.contrib.functions.package"].verdict.note


_NOTEBOOK = {
    "nbformat": 4,
    "nbformat_minor": 5,
    "metadata": {"language_info": {"name": "python"}},
    "cells": [
        {"cell_type": "markdown", "source": ["from azureml.core import Model\n"]},
        {
            "cell_type": "code",
            "source": ["%matplotlib inline\n", "!pip install azureml-sdk\n", "from azureml.core import *"],
        },
        {
            "cell_type": "code",
            "source": "%%writefile $folder/train.py\nfrom azureml.core import Run\nrun = Run.get_context()",
        },
        {"cell_type": "code", "source": "%%bash\nfrom here import nothing\n"},
        {"cell_type": "code", "source": "%%time\nws = Workspace.from_config()\nfiles = !ls\nws.get_default_datastore?"},
        {"cell_type": "code", "source": "from azureml.widgets import RunDetails\nws.set_default_datastore('a')"},
    ],
}


def test_notebooks_are_read_cell_by_cell(tmp_path: Path) -> None:
    (tmp_path / "a b.ipynb").write_text(json.dumps(_NOTEBOOK))
    found = scan(str(tmp_path))
    assert (found.files, found.notebooks, found.problems) == (1, 1, ())
    places = {finding.name: [str(place) for place in finding.places] for finding in found.findings}
    assert places == {
        "Run.get_context": ["a b.ipynb ($folder/train.py) cell 2:3"],
        "azureml.core.Run": ["a b.ipynb ($folder/train.py) cell 2:2"],
        "Workspace.from_config": ["a b.ipynb cell 4:2"],
        "Workspace.set_default_datastore": ["a b.ipynb cell 5:2"],
        "azureml.widgets.RunDetails": ["a b.ipynb cell 5:1"],
    }


def _tree(folder: Path) -> Scan:
    outside = folder / "outside"
    outside.mkdir()
    (outside / "secret.py").write_text("from azureml.core import Run\n")
    code = folder / "code"
    for place in (".git", "node_modules/x", "venv/lib", "conda/lib", "pkg/__pycache__", "deep/a/b"):
        (code / place).mkdir(parents=True)
        (code / place / "m.py").write_text("import azureml.core\nfrom azureml.core import Workspace\n")
    (code / "venv" / "pyvenv.cfg").touch()
    (code / "conda" / "conda-meta").mkdir()
    (code / "linked").symlink_to(outside)
    (code / "linked.py").symlink_to(outside / "secret.py")
    (code / "old.py").write_text('import azureml.core\nprint "hello"\n')
    (code / "latin.py").write_bytes("# -*- coding: latin-1 -*-\nn = 'ü'\n".encode("latin-1"))
    (code / "bad.py").write_bytes(b"n = '\xff\xfe'\n")
    (code / "broken.ipynb").write_text("{")
    (code / "r.ipynb").write_text(
        json.dumps({"nbformat": 4, "cells": [], "metadata": {"kernelspec": {"language": "R"}}})
    )
    (code / "data.txt").write_text("from azureml.core import Run")
    os.mkfifo(code / "pipe.py")
    return scan(str(code))


def test_only_the_folders_own_files_are_read(tmp_path: Path) -> None:
    found = _tree(tmp_path)
    assert [(finding.name, [place.file for place in finding.places]) for finding in found.findings] == [
        ("azureml.core.Workspace", ["deep/a/b/m.py"])
    ]
    assert found.files == 6


def test_what_cannot_be_read_is_reported_and_stops_nothing(tmp_path: Path) -> None:
    problems = {problem.place.file: problem for problem in _tree(tmp_path).problems}
    assert sorted(problems) == ["bad.py", "broken.ipynb", "old.py", "r.ipynb"]
    assert problems["old.py"].place.line == 2 and "Python 2" in problems["old.py"].problem
    assert "notebook of R" in problems["r.ipynb"].problem


def test_an_expression_without_end_is_a_problem_and_no_crash(tmp_path: Path) -> None:
    (tmp_path / "deep.py").write_text("x = " + "+".join(["1"] * 20_000) + "\n")
    (tmp_path / "good.py").write_text("from azureml.core import Run\n")
    found = scan(str(tmp_path))
    assert [problem.place.file for problem in found.problems] == ["deep.py"]
    assert [finding.name for finding in found.findings] == ["azureml.core.Run"]


def test_the_command_prints_the_summary_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.py").write_text("from azureml.pipeline.core import Schedule, Pipeline\nSchedule.create()\n")
    assert main(["migrate", "scan", str(tmp_path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "1 file; 3 names of the SDK v1 in 3 places"
    assert lines[1] == "0 work, 1 work with a difference, 2 are not there yet"
    assert any(line.startswith("Schedule.create\tnot there yet\t") and line.endswith("\ta.py:2") for line in lines)


def test_the_command_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.py").write_text("from azureml.core import Run\nrun = Run.get_context()\n")
    (tmp_path / "b.py").write_text("x =\n")
    assert main(["migrate", "scan", str(tmp_path), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["summary"] == {"works": 2, "works with a difference": 0, "not there yet": 0}
    assert found["names"][0]["places"] == [{"file": "a.py", "line": 2, "cell": None}]
    assert found["problems"][0]["file"] == "b.py"


def test_one_file_and_no_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.py").write_text("from azureml.core import Run\n")
    assert scan(str(tmp_path / "a.py")).findings[0].name == "azureml.core.Run"
    assert main(["migrate", "scan", str(tmp_path / "missing")]) == 2
    assert "there is no" in capsys.readouterr().err


def test_types_and_names_of_the_tables_are_v1s() -> None:
    from azud.porting import names
    from azud.porting.returns import KINDS, RETURNS, SUBMITTED

    for name in {text.strip("[]{}") for text in RETURNS.values()} | {
        each for kinds in KINDS.values() for each in kinds
    }:
        assert names.report_named(name) is not None or name == "AutoMLRun", name
    for name in [*RETURNS, *SUBMITTED]:
        owner, _, member = name.rpartition(".")
        report = names.report_named(owner or member)
        assert report is not None or owner == "AutoMLRun", name
