"""`Pipeline.plan` and what a submission does under `azud plan`: one request, no upload."""

from __future__ import annotations

import json

import pytest

from azud.core.digests import digest_file
from azud.model.snapshot import SnapshotFile, SourceSnapshot
from azud.sdk.exceptions import DefinitionValueError, UserErrorException
from azud.sdk.experiment import Experiment
from azud.sdk.legacy_dataset import Dataset
from azud.sdk.parameter import PipelineParameter
from azud.sdk.pipeline import Pipeline
from azud.sdk.python_script_step import PythonScriptStep

ANSWER = {
    "steps": [
        {
            "node_id": "n1",
            "name": "a.py",
            "action": "run",
            "reason": "new",
            "target": "local",
            "slots": 2,
            "before": {"count": 2, "median_s": 3.0, "low_s": 2.0, "high_s": 4.0},
            "depends_on": ["x"],
        },
        {"node_id": "n2", "name": "b", "action": "reuse", "reason": "the same", "target": "local", "slots": 2},
    ],
    "totals": {
        **{"run": 1, "reuse": 1, "depends_on": 0, "cannot_run": 0, "bytes_to_move": 5, "unknown": 0},
        **{"expected_s": 3.0, "low_s": 2.0, "high_s": 4.0},
    },
    "warnings": ["careful"],
}


@pytest.fixture
def planned(workspace):
    workspace._api.replies["POST /plans"] = lambda body: ANSWER
    return workspace


def pipeline(workspace, source):
    return Pipeline(
        workspace, [PythonScriptStep("a.py", source_directory=source, arguments=[PipelineParameter("p", 1)])]
    )


def test_a_plan_is_one_request_and_uploads_nothing(planned, source, tmp_path):
    (planned.root / "x.txt").write_text("x")
    dataset = Dataset.File.from_files((planned.store, "x.txt")).as_named_input("x")
    step = PythonScriptStep("a.py", source_directory=source, inputs=[dataset])
    planned._api.sent.clear()
    plan = Pipeline(planned, [step]).plan(regenerate_outputs=True)
    ((method, path, body),) = planned._api.sent
    assert (method, path, planned._api.uploaded) == ("POST", "/plans", {})
    names = ("a.py", "b.py", "c.py")
    files = (SnapshotFile(n, digest_file(f"{source}/{n}"), len(n) + 10) for n in names)
    assert [item["snapshot"] for item in body["definition"]["steps"]] == [SourceSnapshot(tuple(files)).digest()]
    assert (body["experiment"], body["regenerate_outputs"]) == ("plan", True)
    assert plan.to_dict() == ANSWER


def test_a_plan_has_the_same_body_as_the_submission(planned, source):
    options = {"pipeline_parameters": {"p": 2}, "continue_on_step_failure": True, "parent_run_id": "x"}
    pipeline(planned, source).plan("e", **options)
    asked = planned._api.sent[-1][2]
    pipeline(planned, source).submit("e", **options)
    sent = dict(planned._api.sent[-1][2])
    assert (sent.pop("tags"), "properties" in sent) == ({}, True)
    del sent["properties"]
    for body in (asked, sent):
        for step in body["definition"]["steps"]:
            step.pop("snapshot"), step.pop("properties", None)
    assert asked == sent


def test_a_plan_is_readable(planned, source):
    plan = pipeline(planned, source).plan()
    assert [step.name for step in plan.steps] == ["a.py", "b"]
    assert (plan.steps[0].before.median_s, plan.steps[0].depends_on, plan.steps[1].before) == (3.0, ("x",), None)
    assert (plan.totals.bytes_to_move, plan.warnings) == (5, ["careful"])
    assert repr(plan) == "a.py: run: new (took 3.0 s before)\nb: reuse: the same\n1 run, 1 reused; about 3.0 s"


def test_what_cannot_be_submitted_cannot_be_planned(planned, source):
    with pytest.raises(DefinitionValueError, match="no parameter 'nothing'"):
        pipeline(planned, source).plan(nothing=1)
    with pytest.raises(UserErrorException, match="experiment name"):
        pipeline(planned, source).plan("not a name!")
    with pytest.raises(ValueError, match="no steps"):
        Pipeline(planned, []).plan()


def test_under_azud_plan_the_first_submission_is_planned_and_ends_the_program(planned, source, tmp_path, monkeypatch):
    place = tmp_path / "plan.json"
    monkeypatch.setenv("AZUD_PLAN_FILE", str(place))
    experiment = Experiment(planned, "e")
    for _ in range(2):
        with pytest.raises(SystemExit) as ended:
            experiment.submit(pipeline(planned, source))
        assert ended.value.code == 0
    assert json.loads(place.read_text()) == ANSWER
    assert [path for _, path, _ in planned._api.sent] == ["/experiments", "/plans"]
