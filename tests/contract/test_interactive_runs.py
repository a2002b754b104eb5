"""Interactive runs: what programs begin, and who ends what they leave."""

from __future__ import annotations

import dataclasses

import pytest
from tests.contract.values import new_run

from azud.core.errors import ConflictError, NotFoundError, UserError
from azud.core.processes import own_mark
from azud.model.codec import to_json
from azud.model.runs import MetricPoint
from azud.services.interactive import InteractiveRunService
from azud.services.runs import RunService, below


@pytest.fixture
def told():
    return []


@pytest.fixture
def service(stores, told):
    return InteractiveRunService(stores.interactive, stores.catalog, told.append)


def begin(service, *ids, key=None, **body):
    runs = service.begin({"experiment": "e", "runs": [{"id": name} for name in ids], **body}, key)
    return [run.id for run in runs]


def test_it_is_listed_with_the_engines_runs_newest_first_and_page_by_page(stores, service):
    stores.catalog.create_run(new_run("run-1"))
    begin(service, "i-1")
    stores.catalog.create_run(new_run("run-2"))
    begin(service, "i-2", "i-3")
    begin(service, "child", parent_id="i-1", experiment="")
    found, after = [], None
    while True:
        page, after = stores.catalog.runs(experiment="e", status=None, parent=None, limit=2, after=after)
        found += [run.id for run in page]
        if after is None:
            break
    assert found[2:] == ["run-2", "i-1", "run-1"]
    assert set(found[:2]) == {"i-2", "i-3"}
    for kind, expected in (("azureml.interactive", {"i-1", "i-2", "i-3"}), ("azureml.PipelineRun", {"run-1", "run-2"})):
        page, _ = stores.catalog.runs(experiment=None, status=None, parent=None, limit=9, after=None, type=kind)
        assert {run.id for run in page} == expected
    page, _ = stores.catalog.runs(experiment="e", status=None, parent=None, limit=9, after=None)
    assert {run.number for run in page} == {1, 2, 3, 4, 5}


def test_a_request_that_comes_twice_makes_runs_once(stores, service):
    assert begin(service, "a", "b", key="k") == begin(service, "a", "b", key="k")
    with pytest.raises(ConflictError, match="a run a already"):
        begin(service, "c", "a")
    with pytest.raises(NotFoundError):
        stores.catalog.run("c")
    stores.catalog.create_run(new_run("run-1"))
    with pytest.raises(ConflictError, match="run-1"):
        begin(service, "run-1")


def test_what_is_refused(stores, service):
    stores.catalog.create_run(new_run("run-1"))
    with pytest.raises(ConflictError, match="pipeline run"):
        begin(service, "x", parent_id="run-1")
    with pytest.raises(NotFoundError):
        begin(service, "x", parent_id="missing")
    with pytest.raises(UserError, match="the id"):
        begin(service, "../x")
    with pytest.raises(UserError, match="0 runs"):
        begin(service)
    with pytest.raises(UserError, match="101 runs"):
        begin(service, *(str(number) for number in range(101)))
    with pytest.raises(UserError, match="Bypassed"):
        service.change(begin(service, "x")[0], {"status": "Bypassed"})
    with pytest.raises(ConflictError, match="by the engine"):
        service.change("run-1", {"status": "Completed"})


def test_states(service, told):
    begin(service, "x", start=False)
    run = service.change("x", {"status": "Running"})
    assert (run.status, run.started_at is not None, run.ended_at) == ("Running", True, None)
    run = service.change("x", {"status": "Failed", "error": {"code": "c", "message": "m"}})
    assert (run.status, run.error.message, run.ended_at is not None) == ("Failed", "m", True)
    assert service.change("x", {"status": "Failed"}).error.message == "m"
    for status in ("Completed", "Running", "Canceled"):
        with pytest.raises(ConflictError, match="is Failed already"):
            service.change("x", {"status": status})
    assert told == ["x"]


def test_runs_whose_program_is_gone_are_ended(stores, service, told):
    gone = to_json(dataclasses.replace(own_mark(), started="1"))
    begin(service, "lives", owner=to_json(own_mark()))
    begin(service, "dead", owner=gone)
    begin(service, "elsewhere")
    begin(service, "waits-below-dead", start=False, parent_id="dead")
    begin(service, "waits", start=False)
    assert service.end_orphans() == 2
    assert sorted(told) == ["dead", "waits-below-dead"]
    states = {
        name: stores.catalog.run(name).status for name in ("lives", "dead", "elsewhere", "waits-below-dead", "waits")
    }
    assert states == {
        "lives": "Running",
        "dead": "Failed",
        "elsewhere": "Running",
        "waits-below-dead": "Canceled",
        "waits": "NotStarted",
    }
    assert "without ending it" in stores.catalog.run("dead").error.message
    assert service.end_orphans() == 0


def test_what_is_below_a_run(stores, service):
    stores.catalog.create_run(new_run("run-1"))
    begin(service, "of-step", parent_id="run-1-a")
    begin(service, "deeper", parent_id="of-step")
    stores.catalog.create_run(dataclasses.replace(new_run("run-2"), submitted_under="of-step"))
    assert [run.id for run in below(stores.catalog, "run-1", recursive=False)] == ["run-1-a", "run-1-b"]
    assert [run.id for run in below(stores.catalog, "run-1", recursive=True)] == [
        *("run-1-a", "of-step", "deeper", "run-2", "run-2-a", "run-2-b", "run-1-b")
    ]
    assert [run.id for run in stores.catalog.children("of-step")] == ["deeper", "run-2"]


def test_labels_and_metrics_are_kept_as_other_runs_are(stores, service):
    begin(service, "x", runs=[{"id": "x", "tags": {"a": "1"}, "properties": {"p": "1"}}])
    run = stores.catalog.patch(
        "x", set_tags={"b": None}, remove_tags=["a"], add_properties={"q": "2"}, display_name="n"
    )
    assert (run.tags, run.properties["q"], run.name) == ({"b": None}, "2", "n")
    with pytest.raises(ConflictError, match="'p'"):
        stores.catalog.patch("x", set_tags={}, remove_tags=[], add_properties={"p": "2"}, display_name=None)
    stores.catalog.add_metrics("x", [MetricPoint("m", "scalar", 1.0, None, "t")])
    assert [point.value for point in stores.catalog.metrics("x")[0]] == [1.0]
    assert stores.catalog.events("x", -1) == ([], "Running")


def test_a_script_run_shows_what_its_step_does(stores):
    new = dataclasses.replace(new_run("s_1_ab"), type="azureml.scriptrun", steps=new_run("s_1_ab").steps[:1])
    stores.catalog.create_run(new)
    assert stores.catalog.subject("s_1_ab").id == "s_1_ab-a"
    assert stores.catalog.children("s_1_ab") == []
    stores.catalog.patch("s_1_ab-a", set_tags={"job": "1"}, remove_tags=[], add_properties={}, display_name=None)
    stores.catalog.add_metrics("s_1_ab-a", [MetricPoint("m", "scalar", 1.0, None, "t")])
    runs = RunService(stores.catalog, None, None)
    assert runs.run("s_1_ab").tags == {"t": "1", "job": "1"}
    assert [point.value for point in runs.metrics("s_1_ab")[0]] == [1.0]
