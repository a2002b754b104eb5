"""What the engine relies on in a store: fencing, atomicity, replay."""

from __future__ import annotations

import dataclasses

import pytest

from azud.adapters.stores.database import Database
from azud.adapters.stores.engine_store import SqlRunStore
from azud.adapters.stores.run_catalog import SqlRunCatalog
from azud.core.errors import (
    ConflictError,
    LeaseLost,
    NotFoundError,
    RecordUnreadable,
    SchemaVersionError,
    StorageError,
)
from azud.engine import events as ev
from azud.engine.context import open_context
from azud.engine.ports import AttemptEnd, ReuseDecision, ReuseEntry, RunOptions, RunUpdate
from azud.engine.retrying import RetryRule
from azud.model.codec import to_json
from azud.model.definition import OutputPort, PipelineDefinition, StepDefinition
from azud.model.jobs import JobExit, Manifest, SealedFile, SealedOutput
from azud.model.runs import MetricPoint, RunError
from azud.services.ports import NewRun, NewStep

AT = "2026-01-01T00:00:00.000000Z"
DEFINITION = PipelineDefinition(
    (
        StepDefinition("n1", "first", "PythonScriptStep", "a.py", outputs=(OutputPort("out"),)),
        StepDefinition("n2", "second", "PythonScriptStep", "b.py", run_after=("n1",)),
    )
)
SEALED = SealedOutput("out", "/x/out", "file", "d" * 64, 3, (SealedFile("", "d" * 64, 3, 1, 2, 3),))


@pytest.fixture
def database(tmp_path):
    database = Database(str(tmp_path / "azud.db"))
    yield database
    database.close()


def new_run(run_id="run-1", key=None):
    return NewRun(
        id=run_id,
        experiment="e",
        definition=DEFINITION,
        definition_json=to_json(DEFINITION),
        options=RunOptions("/usr/bin/python3"),
        steps=(
            NewStep(f"{run_id}-a", "n1", "first", "PythonScriptStep", "local", "", (), {"k": "v"}),
            NewStep(f"{run_id}-b", "n2", "second", "PythonScriptStep", "local", "", ("n1",), {}),
        ),
        tags={"t": "1"},
        idempotency_key=key,
    )


def test_a_submission_repeated_with_its_key_gives_the_same_run(database):
    catalog = SqlRunCatalog(database)
    first = catalog.create_run(new_run("run-1", key="k"))
    again = catalog.create_run(new_run("run-2", key="k"))
    assert again == first
    assert [run.id for run in catalog.runs(experiment=None, status=None, parent=None, limit=9, after=None)[0]] == [
        "run-1"
    ]


def test_runs_of_an_experiment_are_numbered(database):
    catalog = SqlRunCatalog(database)
    assert [catalog.create_run(new_run(f"run-{i}")).number for i in range(3)] == [1, 2, 3]


def test_a_loaded_run_replays_to_its_projection(database):
    catalog, store = SqlRunCatalog(database), SqlRunStore(database)
    catalog.create_run(new_run())
    token = store.acquire_lease("me")
    context = open_context(store.load_run("run-1"), {}, {})
    events = [ev.AttemptIntended(AT, "n1", "run-1-a-1", 1), ev.AttemptEnded(AT, "n1", "run-1-a-1", "completed")]
    for event in events:
        context.machine.handle(event)
    row = dataclasses.replace(context.rows["n1"], status="Completed", attempt="run-1-a-1", key="k1")
    manifest = Manifest("run-1-a-1", "completed", JobExit(0, None, "exited", AT, AT, 77), outputs=(SEALED,))
    end = AttemptEnd(
        "run-1-a-1",
        "run-1-a",
        "sig",
        manifest,
        outputs=((SEALED, "store", "azureml/x/out", None, "final"),),
        metrics=(MetricPoint("m", "scalar", 1.5, None, AT),),
        tags={"seen": "yes"},
        properties={"k": "other", "new": "1"},
    )
    decision = ReuseDecision("run-1-a", "miss", "nothing stored", "k1", {"version": 1})
    entry = ReuseEntry("k1", "run-1", "run-1-a", (SEALED,), "n1")
    store.apply(
        RunUpdate("run-1", 1, events, "Running", AT, steps=[row], ends=[end], entries=[entry], decisions=[decision]),
        token,
    )

    again = open_context(store.load_run("run-1"), {}, {})
    assert again.machine.status == catalog.run("run-1").status == "Running"
    assert again.machine.steps["n1"].state == "completed"
    assert again.sealed["n1"] == {"out": SEALED}
    step = catalog.run("run-1-a")
    assert (step.status, step.tags["seen"], step.properties) == ("Completed", "yes", {"k": "v", "new": "1"})
    assert [point.value for point in catalog.metrics("run-1-a")] == [1.5]
    assert [output.sealed for output in catalog.outputs("run-1-a")] == [SEALED]
    assert [output.pipeline_output_name for output in catalog.outputs("run-1")] == ["final"]
    assert store.lookup(["k1", "k2"]) == {"k1": entry}
    assert store.last_rss_bytes(["sig", "other"]) == {"sig": 77}
    assert catalog.decision("run-1-a") == decision


def test_a_holder_whose_lease_was_taken_writes_nothing(database):
    catalog, store = SqlRunCatalog(database), SqlRunStore(database)
    catalog.create_run(new_run())
    old, new = store.acquire_lease("old"), store.acquire_lease("new")
    assert new > old
    update = RunUpdate("run-1", 1, [ev.CancelRequested(AT)], "Canceled")
    with pytest.raises(LeaseLost):
        store.apply(update, old)
    assert catalog.run("run-1").status == "NotStarted"
    events, status = catalog.events("run-1", -1)
    assert (len(events), status) == (1, "NotStarted")
    store.apply(update, new)
    assert catalog.run("run-1").status == "Canceled"


def test_an_update_is_written_whole_or_not_at_all(database):
    catalog, store = SqlRunCatalog(database), SqlRunStore(database)
    catalog.create_run(new_run())
    token = store.acquire_lease("me")
    taken_seq = RunUpdate("run-1", 0, [ev.CancelRequested(AT)], "Canceled")
    with pytest.raises(StorageError):
        store.apply(taken_seq, token)
    assert catalog.run("run-1").status == "NotStarted"


def test_properties_are_added_and_never_changed(database):
    catalog = SqlRunCatalog(database)
    catalog.create_run(new_run())
    nothing = {"remove_tags": [], "display_name": None}
    changed = catalog.patch("run-1", set_tags={"t": "2", "u": None}, add_properties={"a": "1"}, **nothing)
    assert (changed.tags, changed.properties["a"]) == ({"t": "2", "u": None}, "1")
    with pytest.raises(ConflictError, match="property 'a'"):
        catalog.patch("run-1", set_tags={"t": "3"}, add_properties={"a": "2"}, **nothing)
    assert catalog.run("run-1").tags["t"] == "2"


def test_lists_page_without_gaps(database):
    catalog = SqlRunCatalog(database)
    for index in range(5):
        catalog.create_run(new_run(f"run-{index}"))
    seen, after = [], None
    while True:
        page, after = catalog.runs(experiment="e", status=None, parent=None, limit=2, after=after)
        seen += [run.id for run in page]
        if after is None:
            break
    assert seen == [f"run-{index}" for index in (4, 3, 2, 1, 0)]


def test_what_is_not_there_says_so(database):
    with pytest.raises(NotFoundError, match="no run nope"):
        SqlRunCatalog(database).run("nope")
    with pytest.raises(NotFoundError):
        SqlRunStore(database).load_run("nope")


def test_a_store_of_a_newer_azud_is_refused_untouched(tmp_path):
    path = tmp_path / "azud.db"
    database = Database(str(path))
    with database.write(point="store.test") as connection:
        connection.exec_driver_sql("UPDATE meta SET value='9999' WHERE key='schema_revision'")
    database.close()
    with pytest.raises(SchemaVersionError, match="9999"):
        Database(str(path))


def test_a_file_that_is_no_database_is_refused(tmp_path):
    path = tmp_path / "azud.db"
    path.write_bytes(b"this is not SQLite" * 100)
    with pytest.raises(StorageError, match=r"azud\.db"):
        Database(str(path))


def test_a_store_whose_disk_was_full_works_again_when_there_is_room(database):
    catalog = SqlRunCatalog(database)
    catalog.create_run(new_run())
    with database.write(point="store.test") as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
    refused = 0
    for index in range(20):
        try:
            catalog.add_metrics("run-1", [MetricPoint(f"m{index}", "scalar", "x" * 4000, None, AT)])
        except StorageError as error:
            assert "full" in error.message
            refused += 1
    assert refused > 10
    with database.write(point="store.test") as connection:
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 1000}")
    catalog.add_metrics("run-1", [MetricPoint("after", "scalar", 1, None, AT)])
    points = catalog.metrics("run-1")
    assert (points[-1].name, len(points)) == ("after", 21 - refused)


def test_a_run_can_be_given_up_without_reading_its_record(database):
    catalog, store = SqlRunCatalog(database), SqlRunStore(database)
    catalog.create_run(new_run())
    catalog.create_run(new_run("other"))
    old, token = store.acquire_lease("old"), store.acquire_lease("me")
    row = dataclasses.replace(open_context(store.load_run("run-1"), {}, {}).rows["n1"], status="Running", attempt="a-1")
    store.apply(RunUpdate("run-1", 1, steps=[row], status="Running"), token)
    with database.write(point="store.test") as connection:
        connection.exec_driver_sql("UPDATE run_events SET body='{ torn' WHERE run_id='run-1'")
    for read in (store.load_run, lambda run_id: catalog.events(run_id, -1)):
        with pytest.raises(RecordUnreadable, match="run-1"):
            read("run-1")
    error = RunError("record_unreadable", "it cannot be read", hint="submit it again")
    with pytest.raises(LeaseLost):
        store.give_up("run-1", error, old)
    assert catalog.run("run-1").status == "Running"
    assert store.give_up("run-1", error, token) == ["a-1"]
    ended = catalog.run("run-1")
    assert (ended.status, ended.error, ended.ended_at is None) == ("Failed", error, False)
    assert {catalog.run(f"run-1-{step}").status for step in "ab"} == {"Canceled"}
    assert store.active_runs() == ["other"]
    assert store.give_up("run-1", RunError("x", "y"), token) == []
    assert catalog.run("run-1").error == error, "what has ended stays as it is"


def test_how_steps_are_tried_again_is_stored_with_the_submission(database):
    catalog, store = SqlRunCatalog(database), SqlRunStore(database)
    new = new_run()
    steps = (dataclasses.replace(new.steps[0], retry=RetryRule(5, 6, 7.0, 8.0)), new.steps[1])
    catalog.create_run(dataclasses.replace(new, steps=steps, retry=RetryRule(1, 2, 3.0, 4.0)))
    machine = open_context(store.load_run("run-1"), {}, {}).machine
    assert machine.steps["n1"].retry == RetryRule(5, 6, 7.0, 8.0)
    assert machine.steps["n2"].retry == RetryRule(1, 2, 3.0, 4.0)
