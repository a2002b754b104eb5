"""`azud compat`."""

from __future__ import annotations

import json

import pytest

from azud.cli.entry import main


def _table(text: str) -> dict[str, list[str]]:
    return {row.split("\t")[0]: row.split("\t")[1:] for row in text.splitlines()}


def test_the_summary_counts_the_names_of_each_module(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compat"]) == 0
    out, err = capsys.readouterr()
    rows = _table(out)
    assert rows["MODULE"][:4] == ["NAMES", "WORKS", "WORKS WITH A DIFFERENCE", "NOT THERE YET"]
    assert {"azureml.core", "azureml.data", "azureml.pipeline.core", "azureml.train.hyperdrive"} <= set(rows)
    for name, row in list(rows.items())[1:]:
        assert sum(int(count or 0) for count in row[1:4]) == int(row[0]), name
    assert "azud compat NAME says more" in err


@pytest.mark.parametrize("name", ["Pipeline", "pipeline", "azureml.pipeline.core.Pipeline", "core.Pipeline"])
def test_a_class_shows_its_members(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compat", name]) == 0
    rows = _table(capsys.readouterr().out)
    assert rows["azureml.pipeline.core.Pipeline"][0] == "works with a difference"
    assert rows["Pipeline.validate"][0] == "works"
    assert rows["Pipeline.publish"][0] == "not there yet"
    assert "Experiment.submit" in rows["Pipeline.publish"][1]


def test_a_member_shows_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compat", "Pipeline.publish"]) == 0
    assert list(_table(capsys.readouterr().out)) == ["NAME", "Pipeline.publish"]


def test_a_module_shows_its_names(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compat", "azureml.pipeline.steps"]) == 0
    rows = _table(capsys.readouterr().out)
    assert {"azureml.pipeline.steps.PythonScriptStep", "azureml.pipeline.steps.AdlaStep"} <= set(rows)
    assert "PythonScriptStep.run_after" not in rows


def test_missing_lists_nothing_that_works(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compat", "--missing"]) == 0
    rows = _table(capsys.readouterr().out)
    assert {row[0] for name, row in rows.items() if name != "NAME"} == {"not there yet"}
    assert "azureml.core.Workspace" not in rows and "azureml.pipeline.core.Schedule" in rows
    assert "Pipeline.publish" in rows and "Schedule.create" not in rows
    assert main(["compat", "PipelineParameter", "--missing"]) == 0
    assert capsys.readouterr() == ("", "nothing of it is missing\n")


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compat", "Pipeline.publish", "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert found["name"] == "azureml.pipeline.core.Pipeline"
    assert found["members"]["publish"]["state"] == "not there yet" and list(found["members"]) == ["publish"]


def test_a_name_that_v1_does_not_have(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compat", "Pipelin"]) == 2
    err = capsys.readouterr().err
    assert "no public name Pipelin" in err and "Pipeline" in err.splitlines()[1]
